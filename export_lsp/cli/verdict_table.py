"""The table of verdicts at the end of a check's text."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from rich.cells import cell_len
from rich.text import Text

from export_lsp.cli.report import FileVerdict, Verdicts
from export_lsp.safe_text import one_line
from export_lsp.verdicts.backends import backends_phrase
from export_lsp.verdicts.verdict import State, counted

# With more rows than this, those that export and have nothing else to say are only counted.
MANY = 20
# The widest column of names; a longer name has its verdict in the same line, out of line.
WIDEST = 48

_STYLES: dict[State, str] = {
    "exports": "green",
    "warns": "yellow",
    "fails": "red",
    "ignored": "dim",
    "unknown": "blue",
    "unchecked": "dim",
    "unable": "red",
    "checking": "dim",
}


def render(verdicts: Verdicts, folder: Path) -> Text:
    """Return a line for each verdict, followed by an empty line; nothing if there is none."""
    rows = verdicts.shown
    counts: Counter[str] = Counter()
    if len(rows) > MANY:
        counts.update(each.verdict.text for each in rows if each.verdict.state == "exports")
        rows = tuple(each for each in rows if each.verdict.state != "exports")
    names = [one_line(each.label(folder)) for each in rows]
    width = min(max(map(cell_len, names), default=0), WIDEST)
    text = Text()
    for name, row in zip(names, rows, strict=True):
        _append(text, name + " " * max(0, width - cell_len(name)), row)
    for verdict, count in counts.most_common():
        text.append(f"{counted(count, 'target')}: {verdict}\n", _STYLES["exports"])
    if verdicts.unchecked:
        files = (f"{counted(count, 'file')} ({why})" for why, count in verdicts.unchecked.items())
        text.append(f"Not checked: {', '.join(files)}\n", _STYLES["unchecked"])
    if text:
        text.append("\n")
    return text


def _append(text: Text, name: str, row: FileVerdict) -> None:
    text.append(f"{name}  ")
    text.append(one_line(row.verdict.text), _STYLES[row.verdict.state])
    if row.outcome is not None and row.outcome.backends:
        text.append(f"  {backends_phrase(row.outcome.backends)}", "dim")
    if row.outcome is not None:
        text.append(f"  {row.outcome.seconds:.1f} s", "dim")
    text.append("\n")
