"""``export-lsp explain``: what a rule means and what to do about it."""

from __future__ import annotations

import difflib

import click
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table

from export_lsp.cli.failure import CannotRun
from export_lsp.rules import RULES, Rule


@click.command()
@click.argument("rule", required=False)
def command(rule: str | None) -> None:
    """Explain RULE, or list all rules."""
    console = Console()
    if rule is None:
        console.print(_table())
        return
    found = next((known for code, known in RULES.items() if code == rule), None)
    if found is None:
        nearest = difflib.get_close_matches(rule, RULES, n=1, cutoff=0.4)
        hint = f"; did you mean {nearest[0]}?" if nearest else "."
        raise CannotRun(f"There is no rule {rule}{hint}")
    console.print(Markdown(page(found)))
    # Not part of the page: a terminal opens a link only if it stands on one line.
    console.print(f"\nMore: {found.url}", soft_wrap=True, highlight=False)


def page(rule: Rule) -> str:
    """The rule's explanation as a Markdown page."""
    parts = [f"# {rule.code}", f"*{rule.summary}* Default severity: {rule.severity}."]
    parts.append(rule.explanation)
    if rule.failing:
        parts.append(f"## Fails\n\n```python\n{rule.failing}```")
        parts.append(f"## Exports\n\n```python\n{rule.fixed}```")
    return "\n\n".join(parts)


def _table() -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("Rule", no_wrap=True, style="bold")
    table.add_column("Severity", no_wrap=True)
    table.add_column("Meaning")
    for rule in RULES.values():
        table.add_row(rule.code, rule.severity, rule.summary)
    return table
