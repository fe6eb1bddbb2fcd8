// The view of the workspace: folders, files, and targets, each with its verdict.

import * as vscode from "vscode";

import type { Client } from "./client";
import {
  placeOf,
  tooltipOf,
  type FileVerdict,
  type FolderVerdicts,
  type State,
  type Verdict,
  type VerdictNews,
  type Verdicts,
  type WorkspaceVerdicts,
} from "./verdicts";

const ICONS: Record<State, [icon: string, color?: string]> = {
  exports: ["pass", "testing.iconPassed"],
  warns: ["warning", "list.warningForeground"],
  fails: ["error", "list.errorForeground"],
  ignored: ["circle-slash", "disabledForeground"],
  unknown: ["question", "editorInfo.foreground"],
  unchecked: ["circle-outline", "disabledForeground"],
  unable: ["error", "list.errorForeground"],
  checking: ["sync~spin"],
};

type Node =
  | { readonly kind: "folder"; readonly folder: FolderVerdicts }
  | { readonly kind: "file"; readonly file: FileVerdict }
  | { readonly kind: "target"; readonly file: FileVerdict; readonly target: Verdict };

export class VerdictTree implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  private readonly view: vscode.TreeView<Node>;
  private readonly subscriptions: vscode.Disposable[];
  private known: WorkspaceVerdicts | undefined;
  private request: Promise<void> | undefined;

  readonly onDidChangeTreeData = this.changed.event;

  constructor(
    private readonly client: Client,
    verdicts: Verdicts,
  ) {
    this.view = vscode.window.createTreeView("exportLsp.verdicts", { treeDataProvider: this });
    this.subscriptions = [
      this.changed,
      this.view,
      verdicts.onDidChange((news) => this.take(news)),
      this.view.onDidChangeVisibility(({ visible }) => visible && void this.refresh()),
    ];
  }

  /** The lines of the view, for tests. */
  get lines(): string[] {
    const files = this.known?.folders.flatMap(({ files }) => files) ?? [];
    return files.flatMap((file) => [
      `${file.name}: ${file.text}`,
      ...(file.targets.length > 1 ? file.targets.map((each) => `  ${each.name}: ${each.text}`) : []),
    ]);
  }

  /** Asks the server again, which searches the folders for files that nobody has opened. */
  async refresh(): Promise<void> {
    this.request ??= this.fetch().finally(() => (this.request = undefined));
    await this.request;
  }

  getChildren(node?: Node): Node[] {
    if (node === undefined) {
      const folders = this.known?.folders ?? [];
      return folders.length === 1
        ? filesOf(folders[0])
        : folders.map((folder) => ({ kind: "folder", folder }) as const);
    }
    if (node.kind === "folder") {
      return filesOf(node.folder);
    }
    if (node.kind === "file" && node.file.targets.length > 1) {
      return node.file.targets.map((target) => ({ kind: "target", file: node.file, target }) as const);
    }
    return [];
  }

  getTreeItem(node: Node): vscode.TreeItem {
    if (node.kind === "folder") {
      const item = new vscode.TreeItem(node.folder.name, vscode.TreeItemCollapsibleState.Expanded);
      item.id = node.folder.uri;
      item.iconPath = vscode.ThemeIcon.Folder;
      return item;
    }
    const verdict = node.kind === "file" ? node.file : node.target;
    const hasChildren = node.kind === "file" && node.file.targets.length > 1;
    const item = new vscode.TreeItem(
      verdict.name,
      hasChildren ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.None,
    );
    item.id = node.kind === "file" ? node.file.uri : `${node.file.uri}::${node.target.name}`;
    item.description = verdict.text;
    const [icon, color] = ICONS[verdict.state];
    item.iconPath = new vscode.ThemeIcon(icon, color && new vscode.ThemeColor(color));
    item.tooltip = tooltipOf(verdict, { links: false });
    const place = placeOf(verdict, node.file.uri);
    item.command = {
      title: "Open",
      command: "vscode.open",
      arguments: [place.uri, { selection: place.range } satisfies vscode.TextDocumentShowOptions],
    };
    return item;
  }

  dispose(): void {
    for (const each of this.subscriptions) {
      each.dispose();
    }
  }

  private async fetch(): Promise<void> {
    const found = await this.client.running?.sendRequest<WorkspaceVerdicts>("exportLsp/verdicts", {});
    this.show(found);
  }

  private take(news: VerdictNews | undefined): void {
    if (news === undefined) {
      this.show(undefined);
    } else if (this.known === undefined) {
      void (this.view.visible && this.refresh());
    } else {
      const { folders } = this.known;
      const home = innermost(folders, news.uri);
      const changed = folders.map((each) => (each === home ? updated(each, news) : each));
      this.show({ ...this.known, folders: changed });
    }
  }

  private show(verdicts: WorkspaceVerdicts | undefined): void {
    this.known = verdicts;
    this.changed.fire(undefined);
  }
}

function filesOf(folder: FolderVerdicts | undefined): Node[] {
  return (folder?.files ?? []).map((file) => ({ kind: "file", file }) as const);
}

function innermost(folders: readonly FolderVerdicts[], uri: string): FolderVerdicts | undefined {
  return folders
    .filter((folder) => uri.startsWith(`${folder.uri}/`))
    .sort((one, other) => other.uri.length - one.uri.length)[0];
}

function updated(folder: FolderVerdicts, { uri, verdict }: VerdictNews): FolderVerdicts {
  const others = folder.files.filter((file) => file.uri !== uri);
  const files = verdict === null ? others : [...others, verdict];
  return { ...folder, files: files.sort((one, other) => (one.name < other.name ? -1 : 1)) };
}
