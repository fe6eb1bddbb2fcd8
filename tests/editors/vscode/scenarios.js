// Runs scenarios one after another, and writes the result of each to a file.
const fs = require("node:fs");
const vscode = require("vscode");

const PATIENCE = Number(process.env.EXPORT_LSP_PATIENCE ?? 60_000);

/** Waits until `find` returns a true value; calls it again whenever `event` fires. */
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
    let looking = false; // `find` may act on the window: never twice at once
    const look = async () => {
      if (looking) {
        return;
      }
      looking = true;
      try {
        found = await find();
      } catch (error) {
        stop();
        reject(error);
      }
      looking = false;
      if (found) {
        stop();
        resolve(found);
      }
    };
    const late = setTimeout(() => {
      stop();
      reject(new Error(`timed out waiting for ${what}`));
    }, PATIENCE);
    const again = setInterval(look, 200); // for changes without an event: processes, the status
    const subscription = event(look);
  });
};

exports.run = async function (scenarios) {
  const results = {};
  for (const [name, scenario] of Object.entries(scenarios)) {
    try {
      results[name] = { ok: true, details: (await scenario()) ?? null };
    } catch (error) {
      results[name] = { ok: false, details: String(error.stack ?? error) };
    }
    fs.writeFileSync(process.env.EXPORT_LSP_RESULTS, JSON.stringify(results));
  }
};
