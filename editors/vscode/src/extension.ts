// The extension: starts the server in the first window that has to do with torch.

import * as vscode from "vscode";

import { Client } from "./client";
import { registerCommands } from "./commands";
import { Interpreters } from "./interpreter";
import { StatusItem } from "./status";
import { importsTorch, usesTorch } from "./torch";

// What is started anew with the server.
const OF_THE_SERVER = ["exportLsp.path", "exportLsp.importStrategy"];

export interface Api {
  /** Whether the server answers. */
  readonly running: boolean;
  /** What the status bar says. */
  readonly status: string;
}

export async function activate(context: vscode.ExtensionContext): Promise<Api> {
  const output = vscode.window.createOutputChannel("export-lsp", { log: true });
  const interpreters = await Interpreters.create(output);
  const status = new StatusItem();
  const client = new Client(context, interpreters, status, output);
  context.subscriptions.push(output, interpreters, status, client);
  registerCommands(context, client, output);

  context.subscriptions.push(
    interpreters.onDidChange(() => client.reconfigure()),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (client.started && OF_THE_SERVER.some((name) => event.affectsConfiguration(name))) {
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
  };
}
