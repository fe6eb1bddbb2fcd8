// The command that starts the server: which Python runs which export-lsp.

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";
import type { Executable } from "vscode-languageclient/node";

import type { Interpreters } from "./interpreter";

const WINDOWS = process.platform === "win32";

/** The command that starts the server for the open folders. */
export async function serverCommand(
  context: vscode.ExtensionContext,
  interpreters: Interpreters,
): Promise<Executable> {
  const settings = vscode.workspace.getConfiguration("exportLsp");
  const own = settings.get<string>("path", "").trim();
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (own !== "") {
    return { command: expanded(own, folder), args: ["server"] };
  }
  const strategy = settings.get<string>("importStrategy", "useBundled");
  const script = context.asAbsolutePath(path.join("bundled", "run_server.py"));
  const command = await python(interpreters, folder);
  return { command, args: ["-I", script, strategy, "server"] };
}

async function python(
  interpreters: Interpreters,
  folder: vscode.WorkspaceFolder | undefined,
): Promise<string> {
  const settings = vscode.workspace.getConfiguration("exportLsp", folder?.uri ?? null);
  const named = settings.get<string | null>("interpreter", null);
  if (named !== null && named !== "") {
    return expanded(named, folder);
  }
  const selected = await interpreters.selected(folder?.uri);
  if (selected !== undefined) {
    return selected;
  }
  for (const environment of folder === undefined ? [] : [".venv", "venv"]) {
    const parts = WINDOWS ? ["Scripts", "python.exe"] : ["bin", "python"];
    const file = path.join(folder?.uri.fsPath ?? "", environment, ...parts);
    if (existsSync(file)) {
      return file;
    }
  }
  return WINDOWS ? "python" : "python3";
}

function expanded(text: string, folder: vscode.WorkspaceFolder | undefined): string {
  const inFolder = text.replaceAll("${workspaceFolder}", folder?.uri.fsPath ?? "");
  return inFolder.replace(/^~(?=$|[/\\])/, homedir());
}
