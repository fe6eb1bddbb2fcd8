// Builds the contents of the .vsix: the extension as one file, and the server with its pure-Python
// dependencies in bundled/libs.  Usage: node bundle.mjs; PYTHON names an interpreter with pip.
import { build } from "esbuild";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const project = join(here, "..", "..");
const libs = join(here, "bundled", "libs");
const python = process.env.PYTHON ?? "python3";

function pip(...args) {
  const quiet = ["-m", "pip", "--disable-pip-version-check", "-q"];
  execFileSync(python, [...quiet, ...args], { stdio: ["ignore", "ignore", "inherit"] });
}

await build({
  entryPoints: [join(here, "src", "extension.ts")],
  outfile: join(here, "dist", "extension.js"),
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode"],
  minify: true,
  sourcemap: false,
  logLevel: "warning",
});

rmSync(libs, { recursive: true, force: true });
mkdirSync(libs, { recursive: true });
const wheels = mkdtempSync(join(tmpdir(), "export-lsp-"));
pip("wheel", "--no-deps", "--wheel-dir", wheels, project);
const [wheel] = readdirSync(wheels).filter((name) => name.endsWith(".whl"));
// pip reads "python_version < '3.11'" as a question about the Python that runs it, so that what only an
// older one needs is named here.
const older = ["tomli>=2", "exceptiongroup>=1.1"];
// Wheels for the oldest supported Python, without compiled code.
const anywhere = ["--python-version", "3.10", "--implementation", "py", "--abi", "none"];
pip(
  "install", "--no-compile", "--target", libs, "--only-binary=:all:", "--platform", "any", ...anywhere,
  "--find-links", wheels, join(wheels, wheel), ...older,
);
rmSync(wheels, { recursive: true, force: true });
rmSync(join(libs, "bin"), { recursive: true, force: true });
cpSync(join(project, "LICENSE"), join(here, "LICENSE"));
