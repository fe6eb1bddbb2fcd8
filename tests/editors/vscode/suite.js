// Scenarios of a user's work with the extension, in VS Code's extension host.
const assert = require("node:assert");
const { execFileSync } = require("node:child_process");
const { readFileSync } = require("node:fs");
const vscode = require("vscode");

const { run, until } = require("./scenarios");

const EXTENSION = "export-lsp.export-lsp";
const GUARD = "picked.shape[0] == 0";

const folder = (name) => vscode.workspace.workspaceFolders.find((each) => each.name === name);
const file = (name, where = "first") => vscode.Uri.joinPath(folder(where).uri, name);
const ours = (uri) =>
  vscode.languages.getDiagnostics(uri).filter((each) => each.source === "export-lsp");
const code = (diagnostic) => diagnostic.code?.value ?? diagnostic.code;

async function show(uri) {
  const document = await vscode.workspace.openTextDocument(uri);
  return vscode.window.showTextDocument(document);
}

async function touch(editor) {
  const end = editor.document.lineAt(editor.document.lineCount - 1).range.end;
  await editor.edit((edit) => edit.insert(end, "# touched\n"));
  await editor.document.save();
}

const shown = (uri) => until("a diagnostic", () => ours(uri).length > 0 && ours(uri));
const none = (uri) => until("no diagnostic", () => ours(uri).length === 0);

const actions = (uri, range, kind) =>
  vscode.commands.executeCommand("vscode.executeCodeActionProvider", uri, range, kind, 20);

function servers() {
  try {
    return execFileSync("pgrep", ["-f", "run_server.py"]).toString().trim().split("\n");
  } catch {
    return [];
  }
}

exports.run = () =>
  run({
    async "a diagnostic on save, at the exact expression"() {
      const editor = await show(file("model.py"));
      await touch(editor);
      const [found] = await shown(editor.document.uri);
      assert.strictEqual(code(found), "data-dependent-guard", JSON.stringify(found));
      assert.strictEqual(editor.document.getText(found.range), GUARD);
      assert.strictEqual(found.severity, vscode.DiagnosticSeverity.Error);
      assert.ok(vscode.extensions.getExtension(EXTENSION).isActive);
      const opened = Number(readFileSync(process.env.EXPORT_LSP_STARTED, "utf8"));
      return { milliseconds: Date.now() - opened };
    },

    async "an export is checked from its lens"() {
      const { document } = await show(file("script.py"));
      const [lens] = await until("a lens", async () => {
        const found = await vscode.commands.executeCommand(
          "vscode.executeCodeLensProvider",
          document.uri,
          20,
        );
        return found?.length > 0 && found;
      });
      assert.strictEqual(document.getText(lens.range), "torch.export.export");
      assert.strictEqual(lens.command.title, "Check this export");
      await vscode.commands.executeCommand(lens.command.command, ...lens.command.arguments);
      await until("the guard", () =>
        ours(document.uri).some((each) => code(each) === "data-dependent-guard"),
      );
    },

    async "the status bar shows the verdict on the active file"() {
      const { exports: api } = vscode.extensions.getExtension(EXTENSION);
      assert.ok(api.running);
      const status = (wanted) => until(wanted, () => api.status === `export-lsp: ${wanted}`);
      const editor = await show(file("model.py"));
      await status("✗ 1 problem");
      await editor.edit((edit) => edit.insert(new vscode.Position(0, 0), "\n"));
      await status("✗ 1 problem · edited since");
      await vscode.commands.executeCommand("undo");
      await status("✗ 1 problem");
      await show(file("bare.py"));
      await status("not checked: no example inputs");
    },

    async "the command explains the rule at the cursor"() {
      const editor = await show(file("model.py"));
      const [{ range }] = await shown(editor.document.uri);
      editor.selection = new vscode.Selection(range.start, range.start);
      const explained = vscode.commands.executeCommand("exportLsp.explainRule");
      await until("the page", async () => {
        await vscode.commands.executeCommand("workbench.action.acceptSelectedQuickOpenItem");
        const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
        return tabs.some((tab) => tab.label.includes("data-dependent-guard.md"));
      });
      await explained;
      await vscode.commands.executeCommand("workbench.action.closeActiveEditor");
    },

    async "the command shows the output, with the log"() {
      await vscode.commands.executeCommand("exportLsp.openOutput");
      await until("the output", () =>
        vscode.window.visibleTextEditors.some(
          ({ document }) =>
            document.uri.scheme === "output" && /checking with .*python/.test(document.getText()),
        ),
      );
      await vscode.commands.executeCommand("workbench.action.closePanel");
    },

    async "a changed severity takes effect at once"() {
      const uri = file("model.py");
      const settings = vscode.workspace.getConfiguration("exportLsp", uri);
      const target = vscode.ConfigurationTarget.WorkspaceFolder;
      await settings.update("severities", { "data-dependent-guard": "hint" }, target);
      const severity = (wanted) => until("a severity", () => ours(uri)[0]?.severity === wanted);
      await severity(vscode.DiagnosticSeverity.Hint);
      await settings.update("severities", undefined, target);
      await severity(vscode.DiagnosticSeverity.Error);
    },

    async "a fix is applied, and the diagnostic disappears"() {
      const uri = file("model.py");
      const [{ range }] = await shown(uri);
      const fix = await until("a fix", async () =>
        (await actions(uri, range, "quickfix")).find((each) =>
          each.title.endsWith(": the export succeeds"),
        ),
      );
      assert.ok(fix.isPreferred);
      await vscode.workspace.applyEdit(fix.edit);
      const document = await vscode.workspace.openTextDocument(uri);
      assert.match(document.getText(), /torch\._check\(picked\.shape\[0\] > 0\)/);
      await document.save();
      await none(uri);
    },

    async "all problems are fixed at once"() {
      const uri = file("several.py");
      const editor = await show(uri);
      const all = await until("fix all", async () => (await actions(uri, wholeOf(editor), "source.fixAll.exportLsp"))[0]);
      assert.match(all.title, /^Fix all \d problems: the export succeeds/);
      await vscode.workspace.applyEdit(all.edit);
      await editor.document.save();
      await none(uri);
    },

    async "a graph is opened, and leads to the code"() {
      const uri = file("several.py");
      await show(uri);
      await until("the graph", async () => {
        await vscode.commands.executeCommand("exportLsp.showGraph");
        return vscode.window.activeTextEditor?.document.uri.scheme === "export-lsp-graph";
      });
      const { document } = vscode.window.activeTextEditor;
      assert.match(document.getText(), /^# .*several\.py::model: the exported program\n/);
      const line = document.getText().split("\n").findIndex((each) => each.includes("= aten.sum("));
      const [found] = await vscode.commands.executeCommand(
        "vscode.executeDefinitionProvider",
        document.uri,
        new vscode.Position(line, 0),
      );
      assert.strictEqual(String(found.uri), String(uri));
      const source = await vscode.workspace.openTextDocument(uri);
      assert.strictEqual(source.getText(found.range), "picked.sum()");
    },

    async "the command checks a file"() {
      const uri = file("manual.py", "second");
      await show(uri);
      assert.deepStrictEqual(ours(uri), []);
      await vscode.commands.executeCommand("exportLsp.checkFile");
      await shown(uri);
    },

    async "the command checks the workspace"() {
      const uri = file("unopened.py", "second");
      assert.deepStrictEqual(ours(uri), []);
      await vscode.commands.executeCommand("exportLsp.checkWorkspace");
      await shown(uri);
      const { exports: api } = vscode.extensions.getExtension(EXTENSION);
      for (const line of ["unopened.py: ✗ 1 problem", "clean.py: exports ✓ both modes · matches eager"]) {
        await until(line, () => api.verdicts.includes(line));
      }
      assert.ok(api.verdicts.includes("bare.py: not checked: no example inputs"), api.verdicts.join());
    },

    async "the command adds example inputs once they are confirmed"() {
      const uri = file("bare.py");
      const editor = await show(uri);
      await shown(uri);
      const before = editor.document.getText();
      // The preview shows the edit unchecked: it has to be checked, and then applied. One that is
      // applied before it is checked closes and writes nothing, so that it is asked for again.
      const ask = ["refactorPreview.discard", "exportLsp.createExampleInputs"];
      const check = ["refactorPreview.focus", "list.focusFirst", "refactorPreview.toggleCheckedState"];
      let tries = 0;
      await until("the edit", async () => {
        assert.ok(editor.document.getText() === before, "written without a confirmation");
        for (const step of [...(tries++ % 10 ? [] : ask), ...check, "refactorPreview.apply"]) {
          await vscode.commands.executeCommand(step);
        }
        return /^example_args = \(torch\.randn\(2, 4\),\)$/m.test(editor.document.getText());
      });
    },

    async "each folder is checked with its own interpreter"() {
      const [first, second] = [file("where.py"), file("where.py", "second")];
      for (const uri of [first, second]) {
        await show(uri);
        await vscode.commands.executeCommand("exportLsp.checkFile");
      }
      await shown(second);
      assert.deepStrictEqual(ours(first), []);
    },

    async "a changed interpreter takes effect at once"() {
      const uri = file("where.py");
      const settings = vscode.workspace.getConfiguration("exportLsp", uri);
      const target = vscode.ConfigurationTarget.WorkspaceFolder;
      const before = settings.inspect("interpreter").workspaceFolderValue;
      const other = vscode.workspace
        .getConfiguration("exportLsp", file("where.py", "second"))
        .get("interpreter");
      await settings.update("interpreter", other, target);
      await until("a diagnostic", async () => {
        await vscode.commands.executeCommand("exportLsp.checkFile");
        return ours(uri).length > 0;
      });
      await settings.update("interpreter", before, target);
    },

    async "a killed server is started again"() {
      const { exports: api } = vscode.extensions.getExtension(EXTENSION);
      const before = servers();
      assert.strictEqual(before.length, 1);
      process.kill(Number(before[0]), "SIGKILL");
      await until("a new server", () => {
        const now = servers();
        return now.length === 1 && now[0] !== before[0] && api.running;
      });
      const uri = file("again.py");
      const editor = await show(uri);
      await touch(editor);
      await shown(uri);
    },

    async "the command restarts the server"() {
      const before = servers();
      await vscode.commands.executeCommand("exportLsp.restartServer");
      await until("a new server", () => servers().length === 1 && servers()[0] !== before[0]);
      await touch(await show(file("again.py")));
      await shown(file("again.py"));
    },
  });

function wholeOf(editor) {
  const last = editor.document.lineAt(editor.document.lineCount - 1).range.end;
  return new vscode.Range(new vscode.Position(0, 0), last);
}
