// Messages of the server with buttons, short enough that VS Code shows them whole.

import * as vscode from "vscode";

/** The parameters of the notification `exportLsp/toast`. */
export interface Toast {
  /** As in LSP's `MessageType`: 1 is an error, 2 a warning. */
  readonly type: number;
  readonly message: string;
  readonly buttons: readonly Button[];
}

type Button = "selectInterpreter" | "openSettings" | "showDetails";

const TITLES: Record<Button, string> = {
  selectInterpreter: "Select Interpreter",
  openSettings: "Open Settings",
  showDetails: "Show Details",
};

// VS Code cuts a message without buttons to one line of about this many characters.
const LINE = 50;

/** Shows a message of the extension itself, whole. */
export async function tell(message: string): Promise<void> {
  await vscode.window.showInformationMessage(message, ...dismissal(message));
}

function dismissal(message: string): string[] {
  return message.length > LINE ? ["OK"] : [];
}

export async function showToast(toast: Toast, output: vscode.LogOutputChannel): Promise<void> {
  const titles = toast.buttons.map((button) => TITLES[button]);
  const buttons = titles.length > 0 ? titles : dismissal(toast.message);
  const chosen = await shown(toast)(toast.message, ...buttons);
  switch (chosen) {
    case TITLES.selectInterpreter:
      return selectInterpreter();
    case TITLES.openSettings:
      return vscode.commands.executeCommand(
        "workbench.action.openSettings",
        "@ext:export-lsp.export-lsp",
      );
    case TITLES.showDetails:
      return output.show();
  }
}

function shown(toast: Toast): (message: string, ...items: string[]) => Thenable<string | undefined> {
  switch (toast.type) {
    case 1:
      return vscode.window.showErrorMessage;
    case 2:
      return vscode.window.showWarningMessage;
    default:
      return vscode.window.showInformationMessage;
  }
}

/** Lets the Python extension ask, which knows all environments; else asks for a file. */
async function selectInterpreter(): Promise<void> {
  const known = await vscode.commands.getCommands(true);
  if (known.includes("python.setInterpreter")) {
    await vscode.commands.executeCommand("python.setInterpreter");
    return;
  }
  const [file] =
    (await vscode.window.showOpenDialog({ openLabel: "Use", title: "The Python that has torch" })) ?? [];
  if (file !== undefined) {
    await vscode.workspace
      .getConfiguration("exportLsp")
      .update("interpreter", file.fsPath, vscode.ConfigurationTarget.Workspace);
  }
}
