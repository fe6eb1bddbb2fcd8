// Verdicts that pass or that settings lead to, and the preview of example inputs, on the screen.
// usage: node states.mjs PORT FOLDER PICTURES, where FOLDER has the files that are opened below.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { open } from "./browser.mjs";

const [port, folder, pictures] = process.argv.slice(2);
mkdirSync(pictures, { recursive: true });
const { browser, page } = await open();
page.setDefaultTimeout(120_000);
const shown = { pictures: [] };

async function openFile(name) {
  const entry = page.locator(".explorer-folders-view .monaco-list-row", { hasText: name });
  await entry.first().dblclick();
  await page.locator(".tab.active", { hasText: name }).waitFor();
}

async function status(text, name) {
  await page.locator(".statusbar-item", { hasText: `export-lsp: ${text}` }).waitFor();
  await page.screenshot({ path: join(pictures, `${name}.png`) });
  shown.pictures.push(name);
}

async function command(name) {
  await page.locator(".monaco-editor .view-lines").first().click();
  await page.keyboard.press("F1");
  await page.keyboard.type(`export-lsp: ${name}`);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: name }).first().waitFor();
  await page.keyboard.press("Enter");
}

try {
  await page.goto(`http://127.0.0.1:${port}/?folder=${folder}`);
  await openFile("waits.py");
  await status("checking…", "checking");
  writeFileSync(join(folder, "gate"), "");
  await status("exports ✓ both modes", "checked");
  await openFile("clean.py");
  await status("exports ✓ both modes", "clean");
  await page.locator(".monaco-editor .view-lines").first().click();
  await page.keyboard.press("Control+Home");
  await page.keyboard.type("# edited\n");
  await status("exports ✓ both modes · matches eager · edited since", "edited-since");
  await openFile("warns.py");
  await status("! 1 problem", "warnings");
  await openFile("endless.py");
  await status("? not finished: out of time", "not-finished");
  await openFile("bare.py");
  await status("not checked: no example inputs", "no-inputs");
  await command("Create Example Inputs");
  const preview = page.locator(".pane-body, .panel", { hasText: "example_args" }).last();
  await preview.waitFor();
  shown.preview = (await preview.innerText()).replace(/\s+/g, " ");
  await page.screenshot({ path: join(pictures, "preview.png") });
} catch (error) {
  shown.error = String(error);
  await page.screenshot({ path: join(pictures, "failed.png") });
}
console.log(JSON.stringify(shown));
await browser.close();
