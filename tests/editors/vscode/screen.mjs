// A scenario on the screen: the squiggle, the Problems panel, the hover, the code action menu, the status
// bar.
// usage: node screen.mjs PORT FOLDER PICTURES
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { open } from "./browser.mjs";

const [port, folder, pictures] = process.argv.slice(2);
mkdirSync(pictures, { recursive: true });
const { browser, page } = await open();
page.setDefaultTimeout(60_000);
const shown = {};

/** Opens the menu of quick fixes, again until the search for the fix has ended. */
async function openMenu(place, fix) {
  for (let tries = 0; ; tries++) {
    await page.keyboard.press("Escape");
    await page.mouse.click(place.x + place.width / 2, place.y + place.height / 2);
    await page.keyboard.press("Control+.");
    try {
      return await fix.waitFor({ timeout: 10_000 });
    } catch (error) {
      if (tries === 10) {
        throw error;
      }
    }
  }
}

try {
  await page.goto(`http://127.0.0.1:${port}/?folder=${folder}`);
  const entry = page.locator(".explorer-folders-view .monaco-list-row", { hasText: "model.py" });
  await entry.dblclick();
  await page.waitForSelector(".monaco-editor .view-line");
  await page.waitForSelector(".squiggly-error", { state: "attached" });
  shown.squiggle = true;
  await page.locator(".monaco-editor .view-lines").first().click();
  await page.keyboard.press("Control+Shift+M");
  const problem = page.locator(".markers-panel .monaco-list-row", { hasText: "Comparison with tensor data" });
  await problem.waitFor();
  shown.problem = (await problem.innerText()).replace(/\s+/g, " ");
  const status = page.locator(".statusbar-item", { hasText: "export-lsp: ✗ 1 problem" });
  await status.waitFor();
  shown.status = (await status.innerText()).trim();
  await page.screenshot({ path: join(pictures, "problem.png") });
  const place = await page.locator(".squiggly-error").first().boundingBox();
  await page.mouse.move(place.x + place.width / 2, place.y + place.height / 2);
  const hover = page.locator(".monaco-hover", { hasText: "torch's own text" });
  await hover.waitFor();
  shown.hover = (await hover.innerText()).replace(/\s+/g, " ");
  await page.screenshot({ path: join(pictures, "hover.png") });
  const fix = page.locator(".action-widget .monaco-list-row", { hasText: "the export succeeds" });
  await openMenu(place, fix.first());
  shown.fix = (await fix.first().innerText()).trim();
  await page.screenshot({ path: join(pictures, "fix.png") });
  await fix.first().click();
  await page.waitForFunction(() =>
    document.querySelector(".monaco-editor .view-lines")?.textContent.includes("_check"),
  );
  await page.keyboard.press("Control+s");
  await page.waitForSelector(".squiggly-error", { state: "detached" });
  shown.fixed = true;
} catch (error) {
  shown.error = String(error);
  await page.screenshot({ path: join(pictures, "failed.png") });
}
shown.messages = await page.locator(".notification-toast").allInnerTexts();
console.log(JSON.stringify(shown));
await browser.close();
