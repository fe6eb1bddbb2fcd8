"""The lines of source around a range, with the range underlined."""

from __future__ import annotations

import re
import tokenize
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.cells import cell_len
from rich.text import Text

from export_lsp.protocol import Location
from export_lsp.safe_text import for_terminal

_CONTEXT = 1
# Of a range with more lines than this only the beginning and the end are shown.
_MOST_LINES = 8
_HEAD, _TAIL = 5, 2


@dataclass
class Sources:
    """The lines of files, each read once; a file that cannot be read has none."""

    _read: dict[str, list[str]] = field(default_factory=dict)

    def lines(self, file: str) -> list[str]:
        """The file's lines as Python counts them, without their ends."""
        if file not in self._read:
            self._read[file] = _read_lines(file)
        return self._read[file]


def _read_lines(file: str) -> list[str]:
    try:
        # As Python reads source: by its coding comment or byte order mark, else UTF-8.
        with tokenize.open(file) as source:
            return re.split(r"\r\n|\n|\r", source.read())
    except (OSError, SyntaxError, UnicodeDecodeError):
        return []


def excerpt(
    lines: Sequence[str], place: Location, *, mark_style: str, margin_style: str
) -> tuple[int, Text]:
    """The width of the line numbers, and the excerpt, which ends with a newline.

    Empty where the range lies outside the lines: the file changed since, or cannot be read.
    Columns are counted in terminal cells, so that wide characters keep the marks in place.
    """
    first, last = place.start.line, place.end.line
    if last > first and place.end.character == 0:
        last -= 1
    if last >= len(lines):
        return 1, Text()
    before, after = max(0, first - _CONTEXT), min(len(lines) - 1, last + _CONTEXT)
    while before < first and not lines[before].strip():
        before += 1
    while after > last and not lines[after].strip():
        after -= 1
    width = len(str(after + 1))
    text = Text()
    text.append(f"{' ' * width} |\n", margin_style)
    skipped = range(0)
    if last - first + 1 > _MOST_LINES:
        skipped = range(first + _HEAD, last - _TAIL + 1)
    for number in range(before, after + 1):
        if number in skipped:
            if number == skipped.start:
                text.append(f"{'…':>{width}} |\n", margin_style)
            continue
        text.append(f"{number + 1:>{width}} | ", margin_style)
        text.append(f"{for_terminal(lines[number])}\n")
        if first <= number <= last and (first == last or lines[number].strip()):
            text.append(f"{' ' * width} | ", margin_style)
            text.append(f"{_marks(lines[number], number, place)}\n", mark_style)
    text.append(f"{' ' * width} |\n", margin_style)
    return width, text


def _marks(line: str, number: int, place: Location) -> str:
    """Carets below the part of the line that is in the range; at least one."""
    indent = len(line) - len(line.lstrip())
    start = place.start.character if number == place.start.line else indent
    end = place.end.character if number == place.end.line else len(line.rstrip())
    before = cell_len(for_terminal(line[:start]))
    return " " * before + "^" * max(1, cell_len(for_terminal(line[start:end])))
