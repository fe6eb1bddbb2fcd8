// The verdicts that the server sends: whether each file exports, and each of its targets.

import * as vscode from "vscode";

export type State =
  | "exports"
  | "warns"
  | "fails"
  | "ignored"
  | "unknown"
  | "unchecked"
  | "unable"
  | "checking";

export interface Verdict {
  readonly name: string;
  readonly state: State;
  readonly text: string;
  readonly outdated: boolean;
  readonly details: readonly { readonly label: string; readonly text: string }[];
  readonly location: { readonly uri: string; readonly range: PlainRange } | null;
}

export interface FileVerdict extends Verdict {
  readonly uri: string;
  readonly targets: readonly Verdict[];
}

export interface FolderVerdicts {
  readonly uri: string;
  readonly name: string;
  readonly files: readonly FileVerdict[];
}

/** The result of the request `exportLsp/verdicts`. */
export interface WorkspaceVerdicts {
  readonly summary: string;
  readonly folders: readonly FolderVerdicts[];
}

/** The parameters of the notification `$/exportLsp/verdict`. */
export interface VerdictNews {
  readonly uri: string;
  readonly verdict: FileVerdict | null;
}

interface PlainRange {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };
}

/** The newest verdict on each file. */
export class Verdicts implements vscode.Disposable {
  private readonly files = new Map<string, FileVerdict>();
  private readonly news = new vscode.EventEmitter<VerdictNews | undefined>();

  /** Fires for a file, or without one when the verdicts on all files are gone. */
  readonly onDidChange = this.news.event;

  take(news: VerdictNews): void {
    const uri = vscode.Uri.parse(news.uri).toString();
    if (news.verdict === null) {
      this.files.delete(uri);
    } else {
      this.files.set(uri, news.verdict);
    }
    this.news.fire(news);
  }

  clear(): void {
    this.files.clear();
    this.news.fire(undefined);
  }

  of(uri: vscode.Uri): FileVerdict | undefined {
    return this.files.get(uri.toString());
  }

  dispose(): void {
    this.news.dispose();
  }
}

/** The place that a verdict is about, or the start of the file. */
export function placeOf(verdict: Verdict, file: string): vscode.Location {
  const found = verdict.location;
  if (found === null) {
    return new vscode.Location(vscode.Uri.parse(file), new vscode.Position(0, 0));
  }
  const { start, end } = found.range;
  const range = new vscode.Range(start.line, start.character, end.line, end.character);
  return new vscode.Location(vscode.Uri.parse(found.uri), range);
}

const COMMANDS = [
  ["Check again", "exportLsp.checkFile"],
  ["All targets", "exportLsp.verdicts.focus"],
  ["Output", "exportLsp.openOutput"],
] as const;

/** The tooltip of a verdict, with links to commands if it is for the active file. */
export function tooltipOf(verdict: Verdict, { links }: { links: boolean }): vscode.MarkdownString {
  const lines = [`**${escaped(verdict.name)}**: ${escaped(verdict.text)}`];
  lines.push(...verdict.details.map(({ label, text }) => `${escaped(label)}: ${escaped(text)}`));
  const tooltip = new vscode.MarkdownString(lines.join("\n\n"));
  if (links) {
    tooltip.isTrusted = { enabledCommands: COMMANDS.map(([, command]) => command) };
    const found = COMMANDS.map(([title, command]) => `[${title}](command:${command})`);
    tooltip.appendMarkdown(`\n\n---\n\n${found.join(" · ")}`);
  }
  return tooltip;
}

/** Plain text as Markdown; what is in backticks stays code. */
function escaped(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (/^`[^`]+`$/.test(part) ? part : part.replace(/[\\`*_{}[\]()#+\-.!|<>~&]/g, "\\$&")))
    .join("");
}
