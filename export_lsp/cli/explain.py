"""``export-lsp explain``: the pages about rules and about using export-lsp."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from export_lsp.cli.cannot_run import CannotRun
from export_lsp.rules import RULES
from export_lsp.spelling import nearest

# The pages are package data, one Markdown file each; they have no code beside them.
_DOCS = Path(__file__).parents[1] / "docs"


@click.command()
@click.argument("name", required=False, metavar="[RULE | PAGE]")
def command(name: str | None) -> None:
    """Print the page of a RULE, or another PAGE; without a name, list them."""
    console = Console()
    pages = _pages()
    if name is None:
        _list(console, pages)
    elif name in pages:
        console.print(Markdown(pages[name]))
    elif (rule := next((rule for code, rule in RULES.items() if code == name), None)) is not None:
        console.print(Markdown(rule.page))
        # Not part of the page: a terminal opens a link only if it stands on one line.
        console.print(f"\nMore: {rule.url}", soft_wrap=True, highlight=False)
    else:
        meant = nearest(name, [*RULES, *pages])
        hint = f"; did you mean {meant}?" if meant else ": `export-lsp explain` lists them."
        raise CannotRun(f"There is no rule or page {name}{hint}")


def _pages() -> Mapping[str, str]:
    """The texts of the pages by name."""
    return {file.stem: file.read_text(encoding="utf-8") for file in sorted(_DOCS.glob("*.md"))}


def _list(console: Console, pages: Mapping[str, str]) -> None:
    rules = Table(box=None, pad_edge=False)
    rules.add_column("Rule", no_wrap=True, style="bold")
    rules.add_column("Severity", no_wrap=True)
    rules.add_column("Meaning")
    for rule in RULES.values():
        rules.add_row(rule.code, rule.severity, rule.summary)
    console.print(rules)
    console.print()
    others = Table(box=None, pad_edge=False)
    others.add_column("Page", no_wrap=True, style="bold")
    others.add_column("Title")
    for name, text in pages.items():
        title, _, _ = text.partition("\n")
        others.add_row(name, title.removeprefix("# "))
    console.print(others)
