"""README.md's generated parts; ``python -m tests.readme_parts`` rewrites them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from export_lsp.rules import RULES
from export_lsp.settings import FIELDS, Settings, camel, kebab

README = Path(__file__).parents[1] / "README.md"
PICTURE = ("check", "export_lsp/examples/mixture_of_experts.py")


def settings_table() -> str:
    defaults = Settings()
    rows = ["| setting | in an editor | default | meaning |", "|---|---|---|---|"]
    for name, field in FIELDS.items():
        in_file = f"`{kebab(name)}`" if field.metadata["where"] == "everywhere" else "(editor only)"
        value = json.dumps(getattr(defaults, name))
        rows.append(
            f"| {in_file} | `{camel(name)}` | `{value}` | {_cell(field.metadata['description'])} |"
        )
    return "\n".join(rows)


def rules_table() -> str:
    rows = ["| rule | severity | meaning |", "|---|---|---|"]
    for code, rule in RULES.items():
        link = f"[`{code}`](export_lsp/rules/{code}.md)"
        rows.append(f"| {link} | {rule.severity} | {_cell(rule.summary)} |")
    return "\n".join(rows)


TABLES = {"settings": settings_table, "rules": rules_table}


def picture(output: str) -> str:
    """A session in a terminal: the command and its output."""
    return f"```text\n$ export-lsp {' '.join(PICTURE)}\n{output}```"


def part(text: str, name: str) -> str:
    """What stands between a part's markers."""
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- end of {name} -->", text, re.DOTALL)
    assert found, f"README.md has no markers for {name}"
    return found[1]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _rewrite(command: Sequence[str]) -> None:
    text = README.read_text(encoding="utf-8")
    for name, table in TABLES.items():
        text = text.replace(part(text, name), table())
    subcommand, *arguments = PICTURE
    ended = subprocess.run(
        [*command, subcommand, "--python", sys.executable, *arguments],
        cwd=README.parent,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    text = text.replace(part(text, "picture"), picture(ended.stdout))
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    _rewrite([sys.executable, "-m", "export_lsp"])
