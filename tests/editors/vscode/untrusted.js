// The extension does nothing in a workspace that is not trusted.
const assert = require("node:assert");
const { execFileSync } = require("node:child_process");
const vscode = require("vscode");

const { run } = require("./scenarios");

exports.run = () =>
  run({
    async "nothing runs in an untrusted workspace"() {
      assert.strictEqual(vscode.workspace.isTrusted, false);
      const uri = vscode.Uri.joinPath(vscode.workspace.workspaceFolders[0].uri, "model.py");
      await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
      const extension = vscode.extensions.getExtension("export-lsp.export-lsp");
      assert.ok(extension === undefined || !extension.isActive);
      assert.throws(() => execFileSync("pgrep", ["-f", "run_server.py"]));
    },
  });
