// What a user sees whose interpreter has no torch: the message, its buttons and the output.
// usage: node no_torch.mjs PORT FOLDER PICTURES
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { open } from "./browser.mjs";

const [port, folder, pictures] = process.argv.slice(2);
mkdirSync(pictures, { recursive: true });
const { browser, page } = await open();
page.setDefaultTimeout(90_000);
const shown = {};
const picture = (name) => page.screenshot({ path: join(pictures, `${name}.png`) });
try {
  await page.goto(`http://127.0.0.1:${port}/?folder=${folder}`);
  await page.locator(".explorer-folders-view .monaco-list-row", { hasText: "model.py" }).dblclick();
  const toast = page.locator(".notification-toast", { hasText: "has no torch" });
  await toast.waitFor();
  shown.message = (await toast.locator(".notification-list-item-message").innerText()).trim();
  shown.buttons = await toast.locator(".notification-list-item-buttons-container a").allInnerTexts();
  await picture("no-torch");
  await toast.getByText("Show Details").click();
  const output = page.locator(".output-view-pane .view-line, .output-view .view-line");
  await output.filter({ hasText: "Interpreters that were considered" }).first().waitFor();
  shown.output = (await output.allInnerTexts()).map((line) => line.replace(/\u00a0/g, " "));
  await picture("no-torch-output");
} catch (error) {
  shown.error = String(error);
  await picture("failed");
}
console.log(JSON.stringify(shown));
await browser.close();
