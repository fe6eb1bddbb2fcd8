// The extension's entry point.  The server starts once the window has something to do with torch.

import * as vscode from "vscode";

import { Client } from "./client";
import { registerCommands } from "./commands";
import { ChangedGraphs, registerGraphs } from "./graphs";
import { Interpreters } from "./interpreter";
import { StatusItem } from "./status";
import { importsTorch, usesTorch } from "./torch";
import { VerdictTree } from "./tree";
import { Verdicts } from "./verdicts";

// Changing one of these restarts the server.
const RESTARTING_SETTINGS = ["exportLsp.path", "exportLsp.importStrategy"];

export interface Api {
  /** True while the server is running. */
  readonly running: boolean;
  /** The text of the status bar item. */
  readonly status: string;
  /** The lines of the view of the workspace. */
  readonly verdicts: string[];
}

export async function activate(context: vscode.ExtensionContext): Promise<Api> {
  const output = vscode.window.createOutputChannel("export-lsp", { log: true });
  const interpreters = await Interpreters.create(output);
  const verdicts = new Verdicts();
  const status = new StatusItem(verdicts);
  const graphs = new ChangedGraphs();
  const client = new Client(context, interpreters, status, verdicts, graphs, output);
  const tree = new VerdictTree(client, verdicts);
  context.subscriptions.push(output, interpreters, verdicts, status, graphs, client, tree);
  registerCommands(context, client, tree, output);

  context.subscriptions.push(
    registerGraphs(client, graphs),
    interpreters.onDidChange(() => client.reconfigure()),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (client.started && RESTARTING_SETTINGS.some((name) => event.affectsConfiguration(name))) {
        await client.restart();
      }
    }),
    vscode.workspace.onDidOpenTextDocument(
      (document) => importsTorch(document) && void client.start(),
    ),
    vscode.workspace.onDidSaveTextDocument(
      (document) => importsTorch(document) && void client.start(),
    ),
  );
  if (await usesTorch()) {
    void client.start();
  }
  return {
    get running() {
      return client.running !== undefined;
    },
    get status() {
      return status.text;
    },
    get verdicts() {
      return tree.lines;
    },
  };
}
