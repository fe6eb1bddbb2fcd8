// The walkthrough of the extension, step by step, and the groups of its settings, on the screen.
// usage: node walkthrough.mjs PORT FOLDER PICTURES
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { open } from "./browser.mjs";

const [port, folder, pictures] = process.argv.slice(2);
mkdirSync(pictures, { recursive: true });
const { browser, page } = await open();
page.setDefaultTimeout(120_000);
const shown = { steps: [], groups: [] };

async function run(command) {
  await page.keyboard.press("F1");
  await page.keyboard.type(command);
  await page.locator(".quick-input-list .monaco-list-row", { hasText: command }).first().waitFor();
  await page.keyboard.press("Enter");
}

async function showWalkthrough() {
  // In a narrow window the pictures are left out.
  await run("View: Toggle Primary Side Bar Visibility");
  await run("Welcome: Open Walkthrough...");
  await page.keyboard.type("Get Started with export-lsp");
  const title = "Get Started with export-lsp";
  await page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().waitFor();
  await page.keyboard.press("Enter");
  const steps = page.locator(".gettingStartedDetailsContent .step-title");
  await steps.first().waitFor();
  for (let number = 0; number < (await steps.count()); number++) {
    const step = steps.nth(number);
    await step.click();
    const media = page.locator(".getting-started-media");
    const picture = media.locator("img");
    const text = media.locator("iframe, webview");
    await picture.or(text).first().waitFor();
    const width = await picture.evaluateAll(async ([first]) => {
      await first?.decode();
      return first?.naturalWidth ?? null;
    });
    shown.steps.push({ title: await step.innerText(), width });
    await page.screenshot({ path: join(pictures, `walkthrough-${number + 1}.png`) });
  }
}

async function showSettings() {
  await run("Preferences: Open Settings (UI)");
  await page.locator(".settings-editor .suggest-input-container .monaco-editor").click();
  await page.keyboard.type("@ext:export-lsp.export-lsp");
  const groups = page.locator(".settings-toc-entry");
  await page.locator(".settings-toc-entry", { hasText: "What Is Checked" }).waitFor();
  shown.groups = await groups.allInnerTexts();
  await page.screenshot({ path: join(pictures, "settings.png") });
}

try {
  await page.goto(`http://127.0.0.1:${port}/?folder=${folder}`);
  const entry = page.locator(".explorer-folders-view .monaco-list-row", { hasText: "model.py" });
  await entry.first().dblclick();
  await page.locator(".tab.active", { hasText: "model.py" }).waitFor();
  await showWalkthrough();
  await showSettings();
} catch (error) {
  shown.error = String(error);
  await page.screenshot({ path: join(pictures, "failed.png") });
}
await browser.close();
console.log(JSON.stringify(shown));
