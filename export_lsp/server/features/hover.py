"""What a hover says: the problem at a place, or the problem elsewhere that the place belongs to.

Messages and torch's texts quote user code, so nothing of them may act as Markdown: text is escaped,
code is fenced by more backticks than it holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types

from export_lsp.engine.results.anchored import Lines
from export_lsp.findings import Problem
from export_lsp.plain import uncommanding
from export_lsp.protocol import Location, Position, Related
from export_lsp.server.documents import Document, Documents
from export_lsp.server.encodings import from_client, to_client
from export_lsp.source import without_line_end

# A hover is read at a glance; the rest of torch's text is in the diagnostic's data.
DETAIL_LIMIT = 6_000

_SPECIAL = re.compile(r"[\\`*_\[\]<>&~|$]")
_CODE = re.compile(r"(`[^`]*`)")
_NOT_IN_URLS = re.compile(r"[<>\s]")
_FENCES = re.compile(r"`+")


@dataclass(frozen=True)
class Spot:
    """A problem that a place has to do with: its own, or by way of `related` one elsewhere."""

    problem: Problem
    related: Related | None

    @property
    def location(self) -> Location:
        return self.problem.location if self.related is None else self.related.location


@dataclass(frozen=True)
class Names:
    """How places are told: `file` names a file for the user, `lines` gives its text."""

    file: Callable[[str], str]
    lines: Callable[[str], Lines]

    def place(self, location: Location) -> str:
        return f"{self.file(location.file)}:{location.start.line + 1}"

    def excerpt(self, location: Location) -> str:
        """The text of a range, of which the first line must do."""
        lines = self.lines(location.file)
        if location.start.line >= len(lines):
            return ""
        first = without_line_end(lines[location.start.line])
        if location.end.line > location.start.line:
            return f"{first[location.start.character :].rstrip()} …"
        return first[location.start.character : location.end.character]


def hover_at(
    position: types.Position,
    document: Document,
    problems: Iterable[Problem],
    documents: Documents,
    names: Names,
    *,
    as_markdown: bool,
) -> types.Hover | None:
    """What there is to say at a position of an open document; `problems` are those of all files."""
    encoding = documents.encoding
    found = spots(
        problems,
        from_client(document.lines, position, encoding),
        lambda file: documents.get(Path(file)) is document,
    )
    if not found:
        return None
    if as_markdown:
        content = types.MarkupContent(types.MarkupKind.Markdown, markdown(found, names))
    else:
        content = types.MarkupContent(types.MarkupKind.PlainText, plain_text(found, names))
    place = found[0].location
    start, end = (to_client(document.lines, edge, encoding) for edge in (place.start, place.end))
    return types.Hover(content, types.Range(start, end))


def spots(
    problems: Iterable[Problem], position: Position, is_here: Callable[[str], bool]
) -> list[Spot]:
    """What the position has to do with, the narrowest range first, a file's own problems before
    those elsewhere; each problem once."""

    def covers(location: Location) -> bool:
        return location.start <= position <= location.end and is_here(location.file)

    found = []
    for problem in problems:
        if covers(problem.location):
            found.append(Spot(problem, None))
            continue
        related = [item for item in problem.related if covers(item.location)]
        if related:
            found.append(Spot(problem, min(related, key=lambda item: _extent(item.location))))
    return sorted(found, key=lambda spot: (spot.related is not None, _extent(spot.location)))


def markdown(found: Sequence[Spot], names: Names) -> str:
    """The spots' text for a client that shows Markdown."""
    return "\n\n---\n\n".join(_markdown(spot, names) for spot in found)


def plain_text(found: Sequence[Spot], names: Names) -> str:
    """The spots' text for one that does not."""
    return "\n\n".join(_plain(spot, names) for spot in found)


def _markdown(spot: Spot, names: Names) -> str:
    problem = spot.problem
    rule = _link(problem.rule, problem.url)
    if spot.related is not None:
        there = f"{_code(names.place(problem.location))}: {_code(names.excerpt(problem.location))}"
        here = f"Here: {_text(spot.related.message)}"
        return "\n\n".join([f"{rule} at {there}", _text(problem.message), here])
    parts = [f"{rule}: {_text(problem.message)}"]
    places = [
        f"- {_code(names.place(item.location))}: {_text(item.message)}" for item in problem.related
    ]
    parts.extend(["\n".join(places)] if places else [])
    parts.extend([_block(_detail(problem))] if problem.detail else [])
    return "\n\n".join(parts)


def _plain(spot: Spot, names: Names) -> str:
    problem = spot.problem
    message = _one_line(problem.message)
    if spot.related is not None:
        there = f"{names.place(problem.location)}: {_one_line(names.excerpt(problem.location))}"
        return (
            f"{problem.rule} at {there}\n{message}\nHere: {_one_line(spot.related.message)}".strip()
        )
    places = (
        f"{names.place(item.location)}: {_one_line(item.message)}" for item in problem.related
    )
    head = [f"{problem.rule}: {message}", *places, *([problem.url] if problem.url else [])]
    return "\n\n".join(["\n".join(head), *([_detail(problem)] if problem.detail else [])])


def _extent(location: Location) -> tuple[int, int]:
    lines = location.end.line - location.start.line
    return lines, location.end.character - location.start.character


def _detail(problem: Problem) -> str:
    text = uncommanding(problem.detail).strip()
    if len(text) <= DETAIL_LIMIT:
        return text
    cut = text[:DETAIL_LIMIT]
    return (cut.rpartition("\n")[0] or cut) + "\n…"


def _one_line(text: str) -> str:
    return " ".join(uncommanding(text).split())


def _text(text: str) -> str:
    """A message as Markdown: its `code` stays code, nothing else has a meaning.

    It comes to stand behind something of ours on one line, where no block can start.
    """
    parts = _CODE.split(_one_line(text))
    return "".join(
        part if _CODE.fullmatch(part) else _SPECIAL.sub(r"\\\g<0>", part) for part in parts
    )


def _link(rule: str, url: str) -> str:
    return f"[`{rule}`](<{_NOT_IN_URLS.sub('', url)}>)" if url else f"`{rule}`"


def _code(text: str) -> str:
    """Inline code, whatever it holds."""
    text = _one_line(text)
    fence = "`" * (_longest_run(text) + 1)
    return f"{fence} {text} {fence}" if "`" in text else f"{fence}{text}{fence}"


def _block(text: str) -> str:
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}text\n{text}\n{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, _FENCES.findall(text)), default=0)
