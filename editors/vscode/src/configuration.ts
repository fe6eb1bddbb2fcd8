// The answer to the server's `workspace/configuration` requests.

import * as vscode from "vscode";

import type { Interpreters } from "./interpreter";

const SECTION = "exportLsp";

/** Settings that only the extension reads. */
const OWN = ["path", "importStrategy", "trace"];

/**
 * The settings that are set explicitly for a folder.  Defaults are left out, because they would
 * override pyproject.toml.
 */
export async function settingsOf(
  scope: vscode.Uri | undefined,
  interpreters: Interpreters,
): Promise<Record<string, unknown>> {
  const section = vscode.workspace.getConfiguration(SECTION, scope ?? null);
  const found: Record<string, unknown> = {};
  for (const name of Object.keys(section)) {
    const values = section.inspect(name);
    if (values === undefined || OWN.includes(name)) {
      continue;
    }
    const value = values.workspaceFolderValue ?? values.workspaceValue ?? values.globalValue;
    if (value !== undefined) {
      found[name] = section.get(name);
    }
  }
  const folder = scope === undefined ? undefined : vscode.workspace.getWorkspaceFolder(scope);
  const selected = await interpreters.selected(folder?.uri ?? scope);
  return selected === undefined ? found : { ...found, pythonInterpreter: selected };
}
