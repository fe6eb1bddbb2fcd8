"""The source lines around a range, with the range underlined."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from export_lsp.engine.files import disk
from export_lsp.protocol import Location
from export_lsp.safe_text import for_terminal
from export_lsp.source import without_line_end

# Lines shown before and after the range.
_CONTEXT = 1
# Of a range with more lines than this only the first and the last ones are shown.
_MOST_LINES = 8
_HEAD, _TAIL = 5, 2


def source_lines(file: str) -> list[str]:
    """Return a file's lines without their ends; none if it cannot be read."""
    return [without_line_end(line) for line in disk.lines(file) or ()]


def excerpt(
    lines: Sequence[str], location: Location, *, mark_style: str, margin_style: str
) -> tuple[int, Text]:
    """Return the width of the line numbers, and the excerpt, which ends with a newline.

    It is empty if the range lies outside the lines: the file has changed since, or cannot be read.
    Columns are counted in terminal cells, so that the marks are in place after wide characters.
    """
    first, last = _lines_of(location)
    if last >= len(lines):
        return 1, Text()
    shown = _shown(lines, first, last)
    width = len(str(shown[-1] + 1))
    margin = " " * width
    text = Text()
    text.append(f"{margin} |\n", margin_style)
    for before, number in zip((shown[0] - 1, *shown), shown, strict=False):
        if number != before + 1:
            text.append(f"{'…':>{width}} |\n", margin_style)
        text.append(f"{number + 1:>{width}} | ", margin_style)
        text.append(f"{for_terminal(lines[number])}\n")
        if first <= number <= last and (first == last or lines[number].strip()):
            text.append(f"{margin} | ", margin_style)
            text.append(f"{_marks(lines[number], number, location)}\n", mark_style)
    text.append(f"{margin} |\n", margin_style)
    return width, text


def _lines_of(location: Location) -> tuple[int, int]:
    """The first and the last line of a range, which may end before the first column of the next."""
    first, last = location.start.line, location.end.line
    if last > first and location.end.character == 0:
        last -= 1
    return first, last


def _shown(lines: Sequence[str], first: int, last: int) -> list[int]:
    """The lines to show for a range: some around it that are not blank, and not all of many."""
    before, after = max(0, first - _CONTEXT), min(len(lines) - 1, last + _CONTEXT)
    while before < first and not lines[before].strip():
        before += 1
    while after > last and not lines[after].strip():
        after -= 1
    skipped = range(0)
    if last - first + 1 > _MOST_LINES:
        skipped = range(first + _HEAD, last - _TAIL + 1)
    return [number for number in range(before, after + 1) if number not in skipped]


def _marks(line: str, number: int, location: Location) -> str:
    """Carets below the part of the line that is in the range; at least one."""
    indent = len(line) - len(line.lstrip())
    start = location.start.character if number == location.start.line else indent
    end = location.end.character if number == location.end.line else len(line.rstrip())
    before = cell_len(for_terminal(line[:start]))
    return " " * before + "^" * max(1, cell_len(for_terminal(line[start:end])))
