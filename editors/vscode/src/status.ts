// The status bar item: the verdict on the active file; the server's own state only if it is not well.

import * as vscode from "vscode";

import { tooltipOf, type Verdicts } from "./verdicts";

/** The parameters of the notification `exportLsp/status`. */
export interface Status {
  readonly health: "ok" | "warning" | "error";
  readonly busy: boolean;
  readonly message: string;
}

const NAME = "export-lsp";

export class StatusItem implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;
  private readonly subscriptions: vscode.Disposable[];
  private status: Status = { health: "ok", busy: true, message: "Starting" };

  constructor(private readonly verdicts: Verdicts) {
    this.item = vscode.window.createStatusBarItem("exportLsp.status", vscode.StatusBarAlignment.Left);
    this.item.name = NAME;
    this.subscriptions = [
      this.item,
      verdicts.onDidChange(() => this.update()),
      vscode.window.onDidChangeActiveTextEditor(() => this.update()),
    ];
    this.update();
    this.item.show();
  }

  show(status: Status): void {
    this.status = status;
    this.update();
  }

  /** The item's text, for tests. */
  get text(): string {
    return this.item.text;
  }

  dispose(): void {
    for (const each of this.subscriptions) {
      each.dispose();
    }
  }

  private update(): void {
    const active = vscode.window.activeTextEditor?.document.uri;
    const verdict = active === undefined ? undefined : this.verdicts.of(active);
    const { health, message } = this.status;
    const ill = health !== "ok" && (verdict === undefined || verdict.state === "unable");
    this.item.backgroundColor = ill
      ? new vscode.ThemeColor(`statusBarItem.${health}Background`)
      : undefined;
    this.item.command = "exportLsp.verdicts.focus";
    if (verdict !== undefined) {
      this.item.text = `${NAME}: ${verdict.text}`;
      this.item.tooltip = tooltipOf(verdict, { links: true });
      return;
    }
    // What is being checked is shown by the checks' own progress.
    this.item.text = health === "ok" ? NAME : `$(${health}) ${NAME}`;
    this.item.tooltip = message === "" ? "All targets of the workspace" : message;
  }
}
