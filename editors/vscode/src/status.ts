// The status bar item: the server's health, the current activity, and the time of the last check.

import * as vscode from "vscode";

/** The parameters of the notification `exportLsp/status`. */
export interface Status {
  readonly health: "ok" | "warning" | "error";
  readonly busy: boolean;
  readonly message: string;
}

const ICONS = { ok: "$(check)", warning: "$(warning)", error: "$(error)" } as const;

export class StatusItem implements vscode.Disposable {
  private readonly item: vscode.StatusBarItem;
  private since: number | undefined;
  private took = "";

  constructor() {
    this.item = vscode.window.createStatusBarItem("exportLsp.status", vscode.StatusBarAlignment.Left);
    this.item.name = "export-lsp";
    this.item.command = "exportLsp.openOutput";
    this.show({ health: "ok", busy: true, message: "Starting" });
    this.item.show();
  }

  show(status: Status): void {
    if (status.busy) {
      this.since ??= Date.now();
    } else if (this.since !== undefined) {
      this.took = ` ${((Date.now() - this.since) / 1000).toFixed(1)} s`;
      this.since = undefined;
    }
    const icon = status.busy ? "$(sync~spin)" : ICONS[status.health];
    const doing = status.busy && status.message !== "" ? `: ${status.message}` : this.took;
    this.item.text = `${icon} export-lsp${doing}`;
    this.item.tooltip = status.message === "" ? "export-lsp: show the output" : status.message;
    this.item.backgroundColor =
      status.health === "ok"
        ? undefined
        : new vscode.ThemeColor(`statusBarItem.${status.health}Background`);
  }

  /** The item's text, for tests. */
  get text(): string {
    return this.item.text;
  }

  dispose(): void {
    this.item.dispose();
  }
}
