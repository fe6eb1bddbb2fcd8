// Decides if a window has anything to do with torch.  If not, no server is started.

import * as vscode from "vscode";

const IMPORT = /^\s*(?:import|from)\s+(?:torch|transformers|executorch)\b/m;
const MANIFESTS = "{pyproject.toml,requirements*.txt,setup.py,setup.cfg,environment.y*ml}";
const NAMED = /\b(?:torch|executorch)\b/;

export function importsTorch(document: vscode.TextDocument): boolean {
  return document.languageId === "python" && IMPORT.test(document.getText());
}

/** Returns whether an open file imports torch, or a folder's dependencies name it. */
export async function usesTorch(): Promise<boolean> {
  if (vscode.workspace.textDocuments.some(importsTorch)) {
    return true;
  }
  for (const file of await vscode.workspace.findFiles(MANIFESTS, undefined, 20)) {
    const text = Buffer.from(await vscode.workspace.fs.readFile(file)).toString("utf8");
    if (NAMED.test(text)) {
      return true;
    }
  }
  return false;
}
