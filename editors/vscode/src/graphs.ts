// The documents of graphs: the server writes their text, and says when to ask for it again.

import * as vscode from "vscode";

import type { Client } from "./client";
import { tell } from "./toast";

export const SCHEME = "export-lsp-graph";

export interface GraphNews {
  readonly uri: string;
}

/** Says which documents have changed. */
export class ChangedGraphs implements vscode.Disposable {
  private readonly emitter = new vscode.EventEmitter<vscode.Uri>();
  readonly event = this.emitter.event;

  take(news: GraphNews): void {
    this.emitter.fire(vscode.Uri.parse(news.uri));
  }

  dispose(): void {
    this.emitter.dispose();
  }
}

export function registerGraphs(client: Client, changed: ChangedGraphs): vscode.Disposable {
  return vscode.workspace.registerTextDocumentContentProvider(SCHEME, {
    onDidChange: changed.event,
    provideTextDocumentContent: async (uri, token) => {
      await client.start();
      const params = { uri: uri.toString() };
      const answer = await client.running?.sendRequest<{ text: string }>(
        "exportLsp/textDocumentContent",
        params,
        token,
      );
      return answer?.text;
    },
  });
}

/** Opens the graph of the first target in the active editor's file. */
export async function openGraph(client: Client): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  if (document?.languageId !== "python") {
    void tell("Open the Python file of a model.");
    return;
  }
  await client.execute("exportLsp.openGraph", document.uri.toString());
}
