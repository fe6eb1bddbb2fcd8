// Code actions on the screen: a fix that is looked for, found and applied; none; ignore, severity.
// usage: node actions.mjs PORT FOLDER PICTURES
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { open } from "./browser.mjs";

const [port, folder, pictures] = process.argv.slice(2);
mkdirSync(pictures, { recursive: true });
const { browser, page } = await open();
page.setDefaultTimeout(90_000);
const shown = {};
const picture = (name) => page.screenshot({ path: join(pictures, `${name}.png`) });
const row = (text) => page.locator(".action-widget .monaco-list-row", { hasText: text }).first();
const squiggle = (state) => page.waitForSelector(".squiggly-error", { state });
const key = (name) => page.keyboard.press(name);

async function show(name) {
  await page.locator(".explorer-folders-view .monaco-list-row", { hasText: name }).dblclick();
  await page.waitForSelector(".monaco-editor .view-line");
  await squiggle("attached");
}

/** Opens the menu of quick fixes; a change of diagnostics at the same time keeps VS Code from it. */
async function menu(text) {
  for (let tries = 0; ; tries++) {
    const place = await page.locator(".squiggly-error").first().boundingBox();
    await page.mouse.click(place.x + place.width / 2, place.y + place.height / 2);
    await key("Control+.");
    try {
      return await row(text).waitFor({ timeout: 10_000 });
    } catch (error) {
      if (tries === 5) {
        throw error;
      }
      await key("Escape");
    }
  }
}

async function titles() {
  const rows = await page.locator(".action-widget .monaco-list-row").allInnerTexts();
  return rows.map((each) => each.trim());
}

try {
  await page.goto(`http://127.0.0.1:${port}/?folder=${folder}`);
  await show("waiting.py");
  await menu("Looking for a fix…");
  shown.looking = await titles();
  await picture("looking");
  await row("Looking for a fix…").click();
  writeFileSync(join(folder, "gate"), "");
  await row("the export succeeds").waitFor();
  shown.found = await titles();
  await picture("found");
  await row("the export succeeds").click();
  await squiggle("detached");
  shown.appliedWithoutSave = true;
  await picture("applied");
  await page.locator(".monaco-editor .view-lines").first().click();
  await key("Control+z");
  await squiggle("attached");
  shown.undone = true;

  await show("loop.py");
  await menu("No fix found");
  shown.none = await titles();
  await picture("none");
  await row("No fix found").click();
  const toast = page.locator(".notification-toast", { hasText: "No fix found" });
  await toast.waitFor();
  shown.reason = (await toast.innerText()).replace(/\s+/g, " ");
  await picture("reason");
  await toast.hover();
  await toast.locator(".codicon-notifications-clear").click();

  await menu("Ignore");
  await row("Ignore").click();
  await squiggle("detached");
  shown.ignoredWithoutSave = true;
  await picture("ignored");
  await page.locator(".monaco-editor .view-lines").first().click();
  await key("Control+z");
  await squiggle("attached");

  await menu("Set severity");
  await row("Set severity").click();
  const severity = page.locator(".quick-input-widget .monaco-list-row", { hasText: "hint" });
  await severity.waitFor();
  await picture("severity");
  await severity.click();
  await squiggle("detached");
  shown.settings = readFileSync(join(folder, ".vscode", "settings.json"), "utf8");
  await picture("set");
} catch (error) {
  shown.error = String(error);
  await picture("failed");
  await page.locator(".statusbar-item", { has: page.locator(".codicon-bell, .codicon-bell-dot") }).click();
  shown.messages = await page.locator(".notification-list-item-message").allInnerTexts();
}
console.log(JSON.stringify(shown));
await browser.close();
