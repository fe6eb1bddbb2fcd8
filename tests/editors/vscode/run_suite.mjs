// Runs a suite in VS Code's extension host, as VS Code's own remote tests do.
// usage: node run_suite.mjs PORT OPENED SUITE EXTENSION, where OPENED is folder=… or workspace=…, and
// EXTENSION the folder of the extension under development, relative to this one.
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { open } from "./browser.mjs";

const [port, opened, suite, extension] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const remote = (path) => `vscode-remote://127.0.0.1:${port}${path}`;
const { browser, page } = await open();
let done;
const ended = new Promise((resolve) => (done = resolve));
await page.exposeFunction("codeAutomationLog", (type, args) => console.error(type, ...args));
await page.exposeFunction("codeAutomationExit", (code) => done(code));
const payload = JSON.stringify([
  ["extensionDevelopmentPath", remote(join(here, extension))],
  ["extensionTestsPath", remote(join(here, suite))],
  ["skipWelcome", "true"],
]);
writeFileSync(process.env.EXPORT_LSP_STARTED, String(Date.now()));
await page.goto(`http://127.0.0.1:${port}/?${opened}&payload=${encodeURIComponent(payload)}`);
const timer = setTimeout(() => done("timeout"), 240_000);
const code = await ended;
clearTimeout(timer);
await browser.close();
process.exit(code === 0 ? 0 : 1);
