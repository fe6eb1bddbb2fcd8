"""The generated parts of the pages; ``python -m tests.generated_pages`` rewrites them."""

from __future__ import annotations

import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from export_lsp.rules import RULES
from export_lsp.settings import SETTINGS, Settings, camel, kebab
from tests import reference_pages
from tests.conftest import clean_environment
from tests.page_sessions import played

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCS = ROOT / "export_lsp" / "docs"
TUTORIAL = DOCS / "tutorial.md"

# The terminal sessions in README.md, by the name of their part: the arguments of ``export-lsp``.
SESSIONS: Mapping[str, Sequence[str]] = {
    "picture": ("check", "export_lsp/examples/mixture_of_experts.py"),
    "fix": ("check", "--diff", "export_lsp/examples/language_model.py"),
}


def settings_table() -> str:
    defaults = Settings()
    rows = ["| setting | in an editor | default | meaning |", "|---|---|---|---|"]
    for name, setting in SETTINGS.items():
        in_file = f"`{kebab(name)}`" if setting.where == "everywhere" else "(editor only)"
        value = json.dumps(getattr(defaults, name))
        rows.append(f"| {in_file} | `{camel(name)}` | `{value}` | {_cell(setting.meaning)} |")
    return "\n".join(rows)


def rules_table() -> str:
    rows = ["| rule | severity | meaning |", "|---|---|---|"]
    for code, rule in RULES.items():
        link = f"[`{code}`](../rules/{code}.md)"
        rows.append(f"| {link} | {rule.severity} | {_cell(rule.summary)} |")
    return "\n".join(rows)


# By the name of the part and of the page in `DOCS`.
TABLES: Mapping[str, Callable[[], str]] = {"settings": settings_table, "rules": rules_table}

# By the name of a page in `DOCS` that is generated whole.
REFERENCE: Mapping[str, Callable[[], str]] = {
    "options": reference_pages.options_page,
    "schemas": reference_pages.schemas_page,
}


def session(arguments: Sequence[str], output: str) -> str:
    """Return a command and its output as a Markdown code block."""
    return f"```text\n$ export-lsp {' '.join(arguments)}\n{output}```"


def part(page: Path, name: str) -> str:
    """Return the text between the markers of a page's part."""
    return _match(page.read_text(encoding="utf-8"), page, name)[1]


def _match(text: str, page: Path, name: str) -> re.Match[str]:
    found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- end of {name} -->", text, re.DOTALL)
    assert found, f"{page.name} has no markers for {name}"
    return found


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _rewrite(page: Path, name: str, content: str) -> None:
    text = page.read_text(encoding="utf-8")
    found = _match(text, page, name)
    page.write_text(text[: found.start(1)] + content + text[found.end(1) :], encoding="utf-8")


def rewrite_tutorial() -> None:
    """Run the tutorial's commands; without ExecuTorch, those for it keep their output."""
    without = "" if importlib.util.find_spec("executorch") else "executorch"
    with tempfile.TemporaryDirectory() as created:
        root = Path(created).resolve()
        (root / "tutorial").mkdir()
        environment = {**clean_environment(root / "home"), "PYTHONPATH": str(ROOT)}
        text = TUTORIAL.read_text(encoding="utf-8")
        new = played(text, root / "tutorial", environment, without)
    TUTORIAL.write_text(new, encoding="utf-8")


def main() -> None:
    for name, page in REFERENCE.items():
        (DOCS / f"{name}.md").write_text(page(), encoding="utf-8")
    for name, table in TABLES.items():
        _rewrite(DOCS / f"{name}.md", name, table())
    for name, arguments in SESSIONS.items():
        command = [sys.executable, "-m", "export_lsp", arguments[0], "--python", sys.executable]
        ended = subprocess.run(
            [*command, *arguments[1:]],
            cwd=ROOT,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        _rewrite(README, name, session(arguments, ended.stdout))
    rewrite_tutorial()


if __name__ == "__main__":
    main()
