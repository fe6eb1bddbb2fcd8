// The commands of the command palette.

import * as vscode from "vscode";

import type { Client } from "./client";
import { explain, registerActionCommands, ruleNames } from "./codeActions";
import { codeOf, diagnosticsOf } from "./diagnostics";
import { openGraph } from "./graphs";
import { tell } from "./toast";
import type { VerdictTree } from "./tree";

export function registerCommands(
  context: vscode.ExtensionContext,
  client: Client,
  tree: VerdictTree,
  output: vscode.LogOutputChannel,
): void {
  const commands: Record<string, () => Promise<void> | void> = {
    "exportLsp.checkFile": () => checkFile(client),
    "exportLsp.checkWorkspace": () => checkWorkspace(client, tree),
    "exportLsp.showStatus": () => showStatus(tree),
    "exportLsp.refreshVerdicts": () => tree.refresh(),
    "exportLsp.restartServer": () => client.restart(),
    "exportLsp.openOutput": () => output.show(),
    "exportLsp.toggleShapeHints": () => client.execute("exportLsp.toggleHints"),
    "exportLsp.showGraph": () => openGraph(client),
    "exportLsp.explainRule": () => explainRule(context),
    "exportLsp.createExampleInputs": () => createExampleInputs(client),
    "exportLsp.fixAll": () => fixAll(),
  };
  for (const [name, run] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(name, run));
  }
  registerActionCommands(context);
}

async function checkFile(client: Client): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId !== "python") {
    void tell("Open a Python file to check it.");
    return;
  }
  await document.save();
  await client.execute("exportLsp.check", document.uri.toString());
}

async function checkWorkspace(client: Client, tree: VerdictTree): Promise<void> {
  await client.execute("exportLsp.checkAll");
  await showStatus(tree);
}

async function showStatus(tree: VerdictTree): Promise<void> {
  await vscode.commands.executeCommand("exportLsp.verdicts.focus");
  await tree.refresh();
}

async function explainRule(context: vscode.ExtensionContext): Promise<void> {
  const here = ruleAtCursor();
  const names = (await ruleNames(context)).sort((a, b) => Number(b === here) - Number(a === here));
  const chosen = await vscode.window.showQuickPick(names, { placeHolder: "Which rule?" });
  if (chosen !== undefined) {
    await explain(context, chosen);
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

async function fixAll(): Promise<void> {
  const kind = "source.fixAll.exportLsp";
  await vscode.commands.executeCommand("editor.action.sourceAction", { kind, apply: "first" });
}

async function createExampleInputs(client: Client): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId !== "python") {
    void tell("Open the Python file of a model.");
    return;
  }
  await document.save();
  await client.execute("exportLsp.exampleInputs", document.uri.toString());
}
