// Runs scenarios one after the other and writes down how each went, for the test that reads it.
const fs = require("node:fs");
const vscode = require("vscode");

const PATIENCE = Number(process.env.EXPORT_LSP_PATIENCE ?? 60_000);

/** Waits until `find` gives something, asking again when `event` fires. */
exports.until = async function (what, find, event = vscode.languages.onDidChangeDiagnostics) {
  let found = await find();
  if (found) {
    return found;
  }
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(late);
      clearInterval(again);
      subscription.dispose();
    };
    const look = async () => {
      found = await find();
      if (found) {
        stop();
        resolve(found);
      }
    };
    const late = setTimeout(() => {
      stop();
      reject(new Error(`waited in vain: ${what}`));
    }, PATIENCE);
    const again = setInterval(look, 200); // what has no event: processes, the status
    const subscription = event(look);
  });
};

exports.run = async function (scenarios) {
  const results = {};
  for (const [name, scenario] of Object.entries(scenarios)) {
    try {
      results[name] = { ok: true, told: (await scenario()) ?? null };
    } catch (error) {
      results[name] = { ok: false, told: String(error.stack ?? error) };
    }
    fs.writeFileSync(process.env.EXPORT_LSP_RESULTS, JSON.stringify(results));
  }
};
