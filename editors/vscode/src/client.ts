// The language client: one server for all folders of the window, restarted after a crash.

import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type CloseHandlerResult,
  type ErrorHandler,
  type ErrorHandlerResult,
  type StaticFeature,
} from "vscode-languageclient/node";

import { settingsOf } from "./configuration";
import { chosenSeverity, enabled, explain } from "./codeActions";
import { SCHEME, type ChangedGraphs, type GraphNews } from "./graphs";
import type { Interpreters } from "./interpreter";
import { withoutPrefixes } from "./output";
import { serverCommand } from "./server";
import type { Status, StatusItem } from "./status";
import { showToast, type Toast } from "./toast";
import type { VerdictNews, Verdicts } from "./verdicts";

/** After this many crashes within this many milliseconds the server is not restarted. */
const CRASHES = 3;
const WITHIN = 180_000;

export class Client implements vscode.Disposable {
  private client: LanguageClient | undefined;
  private work: Promise<void> = Promise.resolve();
  private wanted = false;

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly interpreters: Interpreters,
    private readonly status: StatusItem,
    private readonly verdicts: Verdicts,
    private readonly graphs: ChangedGraphs,
    private readonly output: vscode.LogOutputChannel,
  ) {}

  get running(): LanguageClient | undefined {
    return this.client?.isRunning() === true ? this.client : undefined;
  }

  /** True once a start was requested. */
  get started(): boolean {
    return this.wanted;
  }

  /** Starts the server unless a start was requested before. */
  async start(): Promise<void> {
    await (this.wanted ? this.work : this.restart());
  }

  /** Stops the server if it runs, and starts it. */
  restart(): Promise<void> {
    this.wanted = true;
    this.work = this.work.then(async () => {
      await this.end();
      await this.begin();
    });
    return this.work;
  }

  /** Tells the server that its settings may have changed. */
  async reconfigure(): Promise<void> {
    await this.running?.sendNotification("workspace/didChangeConfiguration", { settings: null });
  }

  /** Executes a command in the server, which is started first if needed. */
  async execute(command: string, ...args: unknown[]): Promise<void> {
    await this.start();
    await this.running?.sendRequest("workspace/executeCommand", { command, arguments: args });
  }

  async stop(): Promise<void> {
    this.work = this.work.then(() => this.end());
    await this.work;
  }

  dispose(): void {
    void this.stop();
  }

  private async begin(): Promise<void> {
    const executable = await serverCommand(this.context, this.interpreters);
    this.output.info(`Starting ${executable.command} ${(executable.args ?? []).join(" ")}`);
    const client = new LanguageClient(
      "exportLsp",
      "export-lsp",
      { run: executable, debug: executable },
      {
        documentSelector: [{ scheme: "file", language: "python" }, { scheme: SCHEME }],
        outputChannel: withoutPrefixes(this.output),
        traceOutputChannel: this.output,
        initializationOptions: { trusted: vscode.workspace.isTrusted },
        errorHandler: new Restarting(this.output, () => this.failed()),
        middleware: {
          provideCodeActions: async (document, range, context, token, next) =>
            enabled(document, await next(document, range, context, token)),
          executeCommand: async (command, args: unknown[], next) => {
            switch (command) {
              case "exportLsp.explain":
                return explain(this.context, String(args[0]));
              case "exportLsp.setSeverity": {
                const [uri, rule] = args.map(String) as [string, string];
                return chosenSeverity(uri, rule, (chosen) => next(command, [uri, rule, chosen]));
              }
              default:
                return next(command, args);
            }
          },
          // The status bar item shows what is done; a second entry beside it would repeat that.
          handleWorkDoneProgress: (_token, params, next) => {
            if (params.kind === "end") {
              next(_token, params);
            }
          },
          workspace: {
            // By default the client sends the whole section, with defaults and client-only settings.
            didChangeConfiguration: () => this.reconfigure(),
            configuration: (params) =>
              Promise.all(
                params.items.map((item) =>
                  settingsOf(
                    item.scopeUri === undefined ? undefined : vscode.Uri.parse(item.scopeUri),
                    this.interpreters,
                  ),
                ),
              ),
          },
        },
      },
    );
    client.registerFeature(ABILITIES);
    client.onNotification("exportLsp/toast", (toast: Toast) => showToast(toast, this.output));
    client.onNotification("exportLsp/status", (status: Status) => this.status.show(status));
    client.onNotification("$/exportLsp/verdict", (news: VerdictNews) => this.verdicts.take(news));
    client.onNotification("$/exportLsp/graphChanged", (news: GraphNews) => this.graphs.take(news));
    this.client = client;
    try {
      await client.start();
    } catch (error) {
      this.output.error(String(error));
      this.failed();
    }
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    this.verdicts.clear();
    if (client !== undefined) {
      try {
        await client.dispose();
      } catch (error) {
        this.output.debug(`The server could not be stopped cleanly: ${String(error)}`);
      }
    }
  }

  private failed(): void {
    this.verdicts.clear();
    this.status.show({ health: "error", busy: false, message: "The server is not running." });
    void offer("The export-lsp server is not running.", this.output, () => this.restart());
  }
}

/** Announces messages with buttons, `exportLsp/toast` for `window/showMessage`, and graphs. */
const ABILITIES: StaticFeature = {
  fillClientCapabilities: (capabilities) => {
    capabilities.experimental = { ...capabilities.experimental, exportLsp: { toasts: true, graphs: true } };
  },
  initialize: () => undefined,
  getState: () => ({ kind: "static" }),
  clear: () => undefined,
};

class Restarting implements ErrorHandler {
  private readonly crashes: number[] = [];

  constructor(
    private readonly output: vscode.LogOutputChannel,
    private readonly givenUp: () => void,
  ) {}

  error(): ErrorHandlerResult {
    return { action: ErrorAction.Continue };
  }

  closed(): CloseHandlerResult {
    const now = Date.now();
    this.crashes.push(now);
    if (this.crashes.filter((time) => now - time < WITHIN).length >= CRASHES) {
      this.givenUp();
      return { action: CloseAction.DoNotRestart, handled: true };
    }
    this.output.error("The server exited unexpectedly and is being restarted.");
    void vscode.window
      .showWarningMessage("export-lsp: the server exited unexpectedly and was restarted.", SHOW)
      .then((chosen) => chosen === SHOW && this.output.show());
    return { action: CloseAction.Restart, handled: true };
  }
}

const SHOW = "Show Output";
const RESTART = "Restart";

async function offer(
  text: string,
  output: vscode.LogOutputChannel,
  restart: () => Promise<void>,
): Promise<void> {
  const chosen = await vscode.window.showErrorMessage(text, RESTART, SHOW);
  if (chosen === RESTART) {
    await restart();
  } else if (chosen === SHOW) {
    output.show();
  }
}
