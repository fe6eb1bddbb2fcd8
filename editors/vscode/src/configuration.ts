// What the server is told when it asks for its section of the settings.

import * as vscode from "vscode";

import type { Interpreters } from "./interpreter";

const SECTION = "exportLsp";

/** Settings of the extension itself. */
const OWN = ["path", "importStrategy", "trace"];

/**
 * The settings that somebody has set for a folder.  Defaults are left out: what pyproject.toml says
 * comes before them.
 */
export async function settingsOf(
  scope: vscode.Uri | undefined,
  interpreters: Interpreters,
): Promise<Record<string, unknown>> {
  const section = vscode.workspace.getConfiguration(SECTION, scope ?? null);
  const found: Record<string, unknown> = {};
  for (const name of Object.keys(section)) {
    const said = section.inspect(name);
    if (said === undefined || OWN.includes(name)) {
      continue;
    }
    const value = said.workspaceFolderValue ?? said.workspaceValue ?? said.globalValue;
    if (value !== undefined) {
      found[name] = section.get(name);
    }
  }
  const folder = scope === undefined ? undefined : vscode.workspace.getWorkspaceFolder(scope);
  const selected = await interpreters.selected(folder?.uri ?? scope);
  return selected === undefined ? found : { ...found, pythonInterpreter: selected };
}
