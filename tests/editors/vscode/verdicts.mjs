// The verdicts on the screen: for each file the status bar, its tooltip and the lens; and the view.
// usage: node verdicts.mjs PORT FOLDER PICTURES FILE=TEXT…, where TEXT is the verdict to wait for.
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { open } from "./browser.mjs";

const [port, folder, pictures, ...expected] = process.argv.slice(2);
mkdirSync(pictures, { recursive: true });
const { browser, page } = await open();
page.setDefaultTimeout(120_000);
const picture = (name) => page.screenshot({ path: join(pictures, `${name}.png`) });
const oneLine = (text) => text.replace(/\s+/g, " ").trim();
const words = async (locator) => oneLine(await locator.innerText());
const shown = { files: {} };

// VS Code (1.139) shows no tooltip where the item is drawn again while the mouse is on its way.
async function hovered(item, text) {
  const tooltip = page.locator(".monaco-hover-content", { hasText: text }).last();
  for (let attempt = 0; attempt < 10; attempt++) {
    await page.mouse.move(640, 300);
    await item.hover();
    try {
      await tooltip.waitFor({ timeout: 5_000 });
      return tooltip;
    } catch {
      continue;
    }
  }
  throw new Error(`no tooltip with: ${text}`);
}

try {
  await page.goto(`http://127.0.0.1:${port}/?folder=${folder}`);
  for (const each of expected) {
    const [name, text] = each.split(/=(.*)/s);
    const entry = page.locator(".explorer-folders-view .monaco-list-row", { hasText: name });
    await entry.first().dblclick();
    const status = page.locator(".statusbar-item", { hasText: `export-lsp: ${text}` });
    await status.waitFor();
    const tooltip = await hovered(status, text);
    const found = await page.locator(".codelens-decoration").allInnerTexts();
    const lenses = found.map(oneLine);
    shown.files[name] = { status: await words(status), tooltip: await words(tooltip), lenses };
    await picture(name.replace(/\W/g, "-"));
    await page.mouse.move(640, 300);
  }
  await page.locator(".monaco-editor .view-lines").first().click();
  await page.keyboard.press("F1");
  await page.keyboard.type("export-lsp: Check Workspace");
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "Check Workspace" }).waitFor();
  await page.keyboard.press("Enter");
  const toast = page.locator(".notification-toast", { hasText: /target/ });
  await toast.waitFor();
  shown.summary = await words(toast);
  const view = page.locator(".pane", { has: page.locator("h3", { hasText: "Exports" }) });
  await view.locator(".monaco-list-row").first().waitFor();
  await page.waitForFunction(() => !document.querySelector(".pane .codicon-sync"));
  shown.view = await view.locator(".monaco-list-row").evaluateAll((rows) =>
    rows.map((row) => row.innerText.replace(/\s+/g, " ").trim()),
  );
  await picture("view");
} catch (error) {
  shown.error = String(error);
  await picture("failed");
}
console.log(JSON.stringify(shown));
await browser.close();
