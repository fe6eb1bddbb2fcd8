// Shapes on the screen: the hints beside names, the lens over the target, the hover on an expression.
// usage: node shapes.mjs PORT FOLDER PICTURES TEXT, where TEXT is an expression to hover over.
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { open } from "./browser.mjs";

const [port, folder, pictures, text] = process.argv.slice(2);
mkdirSync(pictures, { recursive: true });
const { browser, page } = await open();
page.setDefaultTimeout(120_000);
const picture = (name) => page.screenshot({ path: join(pictures, `${name}.png`) });
const words = (all) => all.map((each) => each.replace(/[\s\u200b]+/g, " ").trim());
const hints = page.locator(".monaco-editor .view-line span[class*='dyn-rule']", { hasText: "[" });
const shown = {};
try {
  await page.goto(`http://127.0.0.1:${port}/?folder=${folder}`);
  const entry = page.locator(".explorer-folders-view .monaco-list-row", { hasText: "model.py" });
  await entry.first().dblclick();
  await page.locator(".statusbar-item", { hasText: "export-lsp: exports" }).waitFor();
  await hints.first().waitFor();
  await page.keyboard.press("Control+b");
  shown.hints = words(await hints.allInnerTexts());
  await picture("shapes");
  const line = page.locator(".view-line span", { hasText: text }).last();
  const place = await line.boundingBox();
  await page.mouse.move(place.x + place.width / 2, place.y + place.height / 2);
  const hover = page.locator(".monaco-hover", { hasText: "As of the last save" });
  await hover.waitFor();
  [shown.hover] = words([await hover.innerText()]);
  await picture("shapes-hover");
  await page.keyboard.press("Escape");
  await page.locator(".monaco-editor .view-lines").first().click();
  await page.keyboard.press("Control+End");
  await page.locator(".codelens-decoration", { hasText: "exports" }).waitFor();
  shown.lenses = words(await page.locator(".codelens-decoration").allInnerTexts());
  await picture("shapes-lens");
  await page.keyboard.press("Control+Home");
  await page.keyboard.press("F1");
  await page.keyboard.type("export-lsp: Toggle Shape Hints");
  await page.locator(".quick-input-list .monaco-list-row", { hasText: "Toggle Shape Hints" }).waitFor();
  await page.keyboard.press("Enter");
  await hints.first().waitFor({ state: "detached" });
  shown.hidden = true;
} catch (error) {
  shown.error = String(error);
  shown.page = words(await page.locator(".monaco-editor .view-line").allInnerTexts());
  await picture("failed");
}
console.log(JSON.stringify(shown));
await browser.close();
