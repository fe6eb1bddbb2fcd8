// The output channel as the language client writes to it.

import type * as vscode from "vscode";

// What the client puts before a line of its own, and the server before a line of its log.
const PREFIX = /^(?:\[(?<client>\w+) *- [^\]]*\] |(?<server>DEBUG|INFO|WARNING|ERROR) )/;

/**
 * Returns a channel that passes lines on with their level.  VS Code writes time and level before
 * each line; those that the client and the server write would stand there twice.
 */
export function withoutPrefixes(output: vscode.LogOutputChannel): vscode.OutputChannel {
  const write = (text: string): void => {
    const prefix = PREFIX.exec(text);
    const line = text.slice(prefix?.[0].length ?? 0).trimEnd();
    switch ((prefix?.groups?.client ?? prefix?.groups?.server)?.toLowerCase()) {
      case "error":
        return output.error(line);
      case "warn":
      case "warning":
        return output.warn(line);
      case "debug":
        return output.debug(line);
      case "trace":
        return output.trace(line);
      default:
        return line === "" ? undefined : output.info(line);
    }
  };
  let rest = "";
  return new Proxy<vscode.OutputChannel>(output, {
    get(target, name, receiver): unknown {
      switch (name) {
        case "appendLine":
          return write;
        case "append":
          // What the server has written to stderr, cut anywhere.
          return (text: string) => {
            const lines = (rest + text).split("\n");
            rest = lines.pop() ?? "";
            lines.forEach(write);
          };
        default: {
          const value: unknown = Reflect.get(target, name, receiver);
          return typeof value === "function" ? value.bind(target) : value;
        }
      }
    },
  });
}
