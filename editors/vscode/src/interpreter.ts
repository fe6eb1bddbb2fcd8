// The Python interpreter selected in the Python extension, if that is installed.

import { PVSC_EXTENSION_ID, PythonExtension, type ResolvedEnvironment } from "@vscode/python-extension";
import * as vscode from "vscode";

export class Interpreters implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable[] = [this.changed];

  /** Fires when another interpreter is selected for a folder. */
  readonly onDidChange = this.changed.event;

  private constructor(private readonly api: PythonExtension | undefined) {
    if (api !== undefined) {
      this.subscriptions.push(
        api.environments.onDidChangeActiveEnvironmentPath(() => this.changed.fire()),
      );
    }
  }

  static async create(log: vscode.LogOutputChannel): Promise<Interpreters> {
    if (vscode.extensions.getExtension(PVSC_EXTENSION_ID) === undefined) {
      return new Interpreters(undefined);
    }
    try {
      return new Interpreters(await PythonExtension.api());
    } catch (error) {
      log.warn(`The Python extension failed, so its interpreter is not used: ${String(error)}`);
      return new Interpreters(undefined);
    }
  }

  /** The path of the interpreter selected for a folder; undefined if there is none. */
  async selected(folder: vscode.Uri | undefined): Promise<string | undefined> {
    if (this.api === undefined) {
      return undefined;
    }
    const active = this.api.environments.getActiveEnvironmentPath(folder);
    const environment: ResolvedEnvironment | undefined =
      await this.api.environments.resolveEnvironment(active);
    return environment?.executable.uri?.fsPath;
  }

  dispose(): void {
    for (const each of this.subscriptions) {
      each.dispose();
    }
  }
}
