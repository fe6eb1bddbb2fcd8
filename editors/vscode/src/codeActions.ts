// What VS Code does with the server's code actions besides applying fixes.

import * as vscode from "vscode";

import { codeOf, diagnosticsOf } from "./diagnostics";

const RULES = ["bundled", "libs", "export_lsp", "rules"];
const SEVERITIES = ["error", "warning", "information", "hint", "off"];

type Actions = (vscode.Command | vscode.CodeAction)[];

/**
 * Replaces disabled actions by ones that can be chosen: VS Code leaves disabled ones out of its
 * menu of quick fixes.  Choosing one says why there is no fix, or opens the menu again with the fix.
 */
export function enabled(
  document: vscode.TextDocument,
  actions: Actions | null | undefined,
): Actions | null | undefined {
  return actions?.map((each) => {
    if (!("disabled" in each) || each.disabled === undefined) {
      return each;
    }
    const { reason } = each.disabled;
    const action = new vscode.CodeAction(each.title, each.kind);
    action.diagnostics = each.diagnostics ?? [];
    const [found] = action.diagnostics;
    // The arguments travel to the server and back as JSON when the action is resolved.
    action.command =
      found !== undefined && isOpen(found)
        ? { title: each.title, command: "exportLsp.awaitFix", arguments: [document.uri.toString(), ends(found.range)] }
        : { title: each.title, command: "exportLsp.showReason", arguments: [reason, found && codeOf(found)] };
    return action;
  });
}

type Ends = [number, number, number, number];

function ends({ start, end }: vscode.Range): Ends {
  return [start.line, start.character, end.line, end.character];
}

export function registerActionCommands(context: vscode.ExtensionContext): void {
  context.subscriptions.push(
    vscode.commands.registerCommand("exportLsp.awaitFix", (uri: string, place: Ends) =>
      awaitFix(vscode.Uri.parse(uri), new vscode.Range(...place)),
    ),
    vscode.commands.registerCommand("exportLsp.showReason", async (reason: string, rule?: string) => {
      const buttons = rule === undefined ? [] : ["Explain Rule"];
      const text = `No fix found: ${reason}`;
      if ((await vscode.window.showInformationMessage(text, ...buttons)) !== undefined) {
        await explain(context, String(rule));
      }
    }),
  );
}

/**
 * How long to wait after the last change of diagnostics, in milliseconds: 250 after each, VS Code
 * asks for code actions again, which closes the door on a menu that is about to open.
 */
const QUIET = 500;

/** Opens the menu of quick fixes again once the search for a fix has ended. */
async function awaitFix(uri: vscode.Uri, range: vscode.Range): Promise<void> {
  const here = () => diagnosticsOf(uri).find((each) => each.range.intersection(range) !== undefined);
  await new Promise<void>((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const look = () => {
      clearTimeout(timer);
      if (!isOpen(here())) {
        timer = setTimeout(() => {
          subscription.dispose();
          resolve();
        }, QUIET);
      }
    };
    const subscription = vscode.languages.onDidChangeDiagnostics(look);
    look();
  });
  const editor = vscode.window.activeTextEditor;
  const isThere = editor?.document.uri.toString() === uri.toString();
  if (here() !== undefined && isThere && range.contains(editor.selection.active)) {
    await vscode.commands.executeCommand("editor.action.quickFix");
  }
}

/** Returns whether a fix of a problem is still looked for; the language client keeps the data. */
function isOpen(found: vscode.Diagnostic | undefined): boolean {
  return (found as { data?: { fix?: string } } | undefined)?.data?.fix === "open";
}

/** Shows the page of a rule. */
export async function explain(context: vscode.ExtensionContext, rule: string): Promise<void> {
  const page = vscode.Uri.joinPath(context.extensionUri, ...RULES, `${rule}.md`);
  await vscode.commands.executeCommand("markdown.showPreview", page);
}

/** The names of all rules, sorted. */
export async function ruleNames(context: vscode.ExtensionContext): Promise<string[]> {
  const folder = vscode.Uri.joinPath(context.extensionUri, ...RULES);
  return (await vscode.workspace.fs.readDirectory(folder))
    .map(([name]) => name)
    .filter((name) => name.endsWith(".md"))
    .map((name) => name.slice(0, -".md".length))
    .sort();
}

/**
 * Asks for the severity of a rule, and sets it where the project keeps its settings: in
 * pyproject.toml if that has our table, through the server, else in the folder's settings.  What
 * the settings already say of the rule is changed there, as they override pyproject.toml.
 */
export async function chosenSeverity(
  uri: string,
  rule: string,
  inProject: (severity: string) => unknown,
): Promise<void> {
  const file = vscode.Uri.parse(uri);
  const folder = vscode.workspace.getWorkspaceFolder(file);
  const settings = vscode.workspace.getConfiguration("exportLsp", file);
  const set = settings.inspect<Record<string, string>>("severities");
  const scopes: [Record<string, string> | undefined, vscode.ConfigurationTarget][] = [
    [set?.workspaceFolderValue, vscode.ConfigurationTarget.WorkspaceFolder],
    [set?.workspaceValue, vscode.ConfigurationTarget.Workspace],
    [set?.globalValue, vscode.ConfigurationTarget.Global],
  ];
  const current = scopes.find(([value]) => value !== undefined && rule in value);
  const project = folder && vscode.Uri.joinPath(folder.uri, "pyproject.toml");
  const target =
    current?.[1] ??
    (project !== undefined && (await hasTable(project)) ? undefined : defaultTarget(folder));
  const where = target === undefined ? "pyproject.toml" : "the settings";
  const severity = await vscode.window.showQuickPick(SEVERITIES, {
    title: `Severity of ${rule}`,
    placeHolder: `Written to ${where}`,
  });
  if (severity === undefined) {
    return;
  }
  if (target === undefined) {
    await inProject(severity);
    return;
  }
  const before = scopes.find(([, each]) => each === target)?.[0];
  await settings.update("severities", { ...before, [rule]: severity }, target);
}

function defaultTarget(folder: vscode.WorkspaceFolder | undefined): vscode.ConfigurationTarget {
  return folder === undefined
    ? vscode.ConfigurationTarget.Global
    : vscode.ConfigurationTarget.WorkspaceFolder;
}

async function hasTable(project: vscode.Uri): Promise<boolean> {
  try {
    const text = Buffer.from(await vscode.workspace.fs.readFile(project)).toString("utf8");
    return /^\s*\[+\s*tool\.export-lsp\b/m.test(text);
  } catch {
    return false;
  }
}
