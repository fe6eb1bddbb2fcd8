// Scenarios with the interpreter that is selected in the Python extension.
const assert = require("node:assert");
const vscode = require("vscode");

const { run, until } = require("./scenarios");

const [first, second] = vscode.workspace.workspaceFolders;
const file = (folder) => vscode.Uri.joinPath(folder.uri, "where.py");
const ours = (uri) =>
  vscode.languages.getDiagnostics(uri).filter((each) => each.source === "export-lsp");

async function save(uri) {
  const editor = await vscode.window.showTextDocument(uri);
  await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "# touched\n"));
  await editor.document.save();
}

exports.run = () =>
  run({
    async "the selected interpreter of each folder is used"() {
      const python = await vscode.extensions.getExtension("ms-python.python").activate();
      await python.environments.updateActiveEnvironmentPath(
        process.env.EXPORT_LSP_SECOND_PYTHON,
        second.uri,
      );
      await save(file(first));
      await save(file(second));
      await until("a diagnostic", () => ours(file(second)).length > 0);
      assert.deepStrictEqual(ours(file(first)), []);
    },

    async "a new selection takes effect"() {
      const python = await vscode.extensions.getExtension("ms-python.python").activate();
      await python.environments.updateActiveEnvironmentPath(
        process.env.EXPORT_LSP_SECOND_PYTHON,
        first.uri,
      );
      await until("a diagnostic", () => ours(file(first)).length > 0);
      await python.environments.updateActiveEnvironmentPath(
        process.env.EXPORT_LSP_PYTHON,
        first.uri,
      );
      await until("no diagnostic", () => ours(file(first)).length === 0);
    },
  });
