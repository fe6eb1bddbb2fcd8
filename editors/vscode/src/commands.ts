// The commands of the command palette.

import * as vscode from "vscode";

import type { Client } from "./client";

const RULES = ["bundled", "libs", "export_lsp", "rules"];

// Files of a workspace that may declare a target.  The names are `TARGET_NAMES` of the server's
// protocol; a test compares them.
const CANDIDATES = "**/*.py";
const TARGET = /\b(?:example_args|example_kwargs|export_targets|get_eager_model|get_inputs)\b/;

export function registerCommands(
  context: vscode.ExtensionContext,
  client: Client,
  output: vscode.LogOutputChannel,
): void {
  const commands: Record<string, () => Promise<void> | void> = {
    "exportLsp.checkFile": () => checkFile(client),
    "exportLsp.checkWorkspace": () => checkWorkspace(client),
    "exportLsp.restartServer": () => client.restart(),
    "exportLsp.openOutput": () => output.show(),
    "exportLsp.explainRule": () => explainRule(context),
    "exportLsp.createExampleInputs": () => createExampleInputs(),
  };
  for (const [name, run] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(name, run));
  }
}

async function checkFile(client: Client): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId !== "python") {
    void vscode.window.showInformationMessage("export-lsp: open a Python file to check it.");
    return;
  }
  await document.save();
  await client.execute("exportLsp.check", document.uri.toString());
}

async function checkWorkspace(client: Client): Promise<void> {
  const files = await vscode.workspace.findFiles(CANDIDATES);
  const chosen: string[] = [];
  for (const file of files) {
    const text = Buffer.from(await vscode.workspace.fs.readFile(file)).toString("utf8");
    if (TARGET.test(text)) {
      chosen.push(file.toString());
    }
  }
  if (chosen.length === 0) {
    void vscode.window.showInformationMessage("export-lsp: no file in this workspace declares a target.");
    return;
  }
  await client.execute("exportLsp.check", ...chosen);
}

async function explainRule(context: vscode.ExtensionContext): Promise<void> {
  const folder = vscode.Uri.joinPath(context.extensionUri, ...RULES);
  const names = (await vscode.workspace.fs.readDirectory(folder))
    .map(([name]) => name)
    .filter((name) => name.endsWith(".md"))
    .map((name) => name.slice(0, -".md".length));
  const here = ruleAtCursor();
  const sorted = names.sort((a, b) => Number(b === here) - Number(a === here) || a.localeCompare(b));
  const chosen = await vscode.window.showQuickPick(sorted, { placeHolder: "Which rule?" });
  if (chosen !== undefined) {
    const page = vscode.Uri.joinPath(folder, `${chosen}.md`);
    await vscode.commands.executeCommand("markdown.showPreview", page);
  }
}

function ruleAtCursor(): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) {
    return undefined;
  }
  const found = diagnosticsOf(editor.document.uri).find((each) =>
    each.range.contains(editor.selection.active),
  );
  return found === undefined ? undefined : codeOf(found);
}

async function createExampleInputs(): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  const hint = document && diagnosticsOf(document.uri).find((each) => codeOf(each) === "no-target");
  if (document === undefined || hint === undefined) {
    const text = "every model in this file has example inputs, or the file has not been checked yet.";
    void vscode.window.showInformationMessage(`export-lsp: ${text}`);
    return;
  }
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    "vscode.executeCodeActionProvider",
    document.uri,
    hint.range,
    vscode.CodeActionKind.QuickFix.value,
    10,
  );
  const action = actions.find((each) => each.title.startsWith("Declare example inputs"));
  if (action?.edit === undefined) {
    const text = "no example inputs were found that the model accepts; write them by hand.";
    void vscode.window.showInformationMessage(`export-lsp: ${text}`);
    return;
  }
  await vscode.workspace.applyEdit(action.edit);
}

function diagnosticsOf(uri: vscode.Uri): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(uri).filter((each) => each.source === "export-lsp");
}

function codeOf(diagnostic: vscode.Diagnostic): string {
  const code = diagnostic.code;
  return String(typeof code === "object" ? code.value : code);
}
