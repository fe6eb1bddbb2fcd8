"""Hovers: the problem at a position, or one elsewhere that it is related to; then its value.

Editors show a problem's own message there themselves.  The hover adds what that lacks: the rule's
page, what met the problem, the code of related places, and torch's own text, folded.

Messages and torch's texts quote user code, so none of their characters may act as Markdown: text
is escaped, and code is fenced by more backticks than it contains (LSP 3.17, Hover).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lsprotocol import types

from export_lsp.engine.results.anchored import Lines
from export_lsp.findings import Problem
from export_lsp.protocol import Location, Position, Related
from export_lsp.safe_text import for_editor
from export_lsp.server.editor.encodings import from_client
from export_lsp.server.features import graphs
from export_lsp.server.features.known import extent, known_at
from export_lsp.server.view import View
from export_lsp.source import without_line_end

# How much of torch's full text a hover shows, in lines and in characters: most texts fit.
DETAIL_LINES = 20
DETAIL_LIMIT = 6_000
# The action that shows all of it.
SHOW_DETAIL = "Show torch's text"
REST = f"… {{count}} more lines: the action “{SHOW_DETAIL}” has them."

OWN_TEXT = "torch's own text:"

# Between the parts of a hover, in Markdown.
RULE = "\n\n---\n\n"

_SPECIAL = re.compile(r"[\\`*_\[\]<>&~|$]")
# Code in a message: one backtick on either side, and none beside these.
_CODE = re.compile(r"((?<!`)`[^`]+`(?!`))")
# What would make a heading, a list or a table of a paragraph.
_BLOCK = re.compile(r"^(\d*)([#+\-=.):])")
_NOT_IN_URLS = re.compile(r"[<>\s]")
_FENCES = re.compile(r"`+")


@dataclass(frozen=True)
class Spot:
    """A problem that covers a position: at its own place, or at a `related` one."""

    problem: Problem
    related: Related | None

    @property
    def location(self) -> Location:
        """The place that covers the position."""
        return self.problem.location if self.related is None else self.related.location


@dataclass(frozen=True)
class PlaceNames:
    """Names places for the user; `file` returns the name of a file, `lines` its text."""

    file: Callable[[str], str]
    lines: Callable[[str], Lines]

    def place(self, location: Location) -> str:
        """Return the file and the 1-based line of a location."""
        return f"{self.file(location.file)}:{location.start.line + 1}"

    def excerpt(self, location: Location) -> str:
        """Return the text of a location, of several lines only the first."""
        lines = self.lines(location.file)
        if location.start.line >= len(lines):
            return ""
        first = without_line_end(lines[location.start.line])
        if location.end.line > location.start.line:
            return f"{first[location.start.character :].rstrip()} …"
        return first[location.start.character : location.end.character]


def hover(view: View, params: types.HoverParams) -> types.Hover | None:
    """Return the problems at a position of an open document, as Markdown if the client prefers it.

    ``textDocument/hover``
    """
    document = view.document(params.text_document.uri)
    if document is None:
        return graphs.hover(view, params)
    position = from_client(document.lines, params.position, view.documents.encoding)
    found = spots(
        view.problems(), position, lambda file: view.documents.get(Path(file)) is document
    )
    known = known_at(view, document, position)
    if not found and known is None:
        return None
    names = PlaceNames(view.name, view.lines)
    if view.supports.markdown:
        parts = [markdown(found, names)] if found else []
        parts += [known.markdown] if known is not None else []
        content = types.MarkupContent(types.MarkupKind.Markdown, RULE.join(parts))
    else:
        parts = [plain_text(found, names)] if found else []
        parts += [known.text] if known is not None else []
        content = types.MarkupContent(types.MarkupKind.PlainText, "\n\n".join(parts))
    place = found[0].location if found else known.location if known is not None else None
    return types.Hover(content, view.range(place) if place is not None else None)


def spots(
    problems: Iterable[Problem], position: Position, is_here: Callable[[str], bool]
) -> list[Spot]:
    """Return the problems that cover a position, each once.

    Problems at their own place come before related ones, and narrow ranges before wide ones.

    Args:
        problems: The problems of all files.
        position: The position, in code points.
        is_here: Returns whether a path is that of the document with the position.
    """

    def covers(location: Location) -> bool:
        return location.start <= position <= location.end and is_here(location.file)

    found = []
    for problem in problems:
        if covers(problem.location):
            found.append(Spot(problem, None))
            continue
        related = [item for item in problem.related if covers(item.location)]
        if related:
            found.append(Spot(problem, min(related, key=lambda item: extent(item.location))))
    return sorted(found, key=lambda spot: (spot.related is not None, extent(spot.location)))


def markdown(found: Sequence[Spot], names: PlaceNames) -> str:
    """Return the text of some spots as Markdown."""
    return RULE.join(_markdown(spot, names) for spot in found)


def plain_text(found: Sequence[Spot], names: PlaceNames) -> str:
    """Return the text of some spots for a client that does not show Markdown."""
    return "\n\n".join(_plain(spot, names) for spot in found)


def _markdown(spot: Spot, names: PlaceNames) -> str:
    problem = spot.problem
    rule = _link(problem.rule, problem.url)
    if spot.related is not None:
        there = f"{_code(names.place(problem.location))}: {_code(names.excerpt(problem.location))}"
        here = f"Here: {_text(spot.related.message)}"
        return "\n\n".join([f"{rule} at {there}", _text(problem.title), here])
    met_by = _met_by(problem)
    parts = [f"{rule} in {_text(met_by)}" if met_by else rule]
    places = [
        f"- {_code(names.place(item.location))} {_code(names.excerpt(item.location))}:"
        f" {_text(item.message)}"
        for item in problem.related
    ]
    parts.extend(["\n".join(places)] if places else [])
    detail, more = _folded(problem)
    parts.extend([OWN_TEXT, _block(detail)] if detail else [])
    parts.extend([_text(more)] if more else [])
    return "\n\n".join(parts)


def _plain(spot: Spot, names: PlaceNames) -> str:
    problem = spot.problem
    if spot.related is not None:
        there = f"{names.place(problem.location)}: {_one_line(names.excerpt(problem.location))}"
        title, here = _one_line(problem.title), _one_line(spot.related.message)
        return f"{problem.rule} at {there}\n{title}\nHere: {here}".strip()
    places = (
        f"{names.place(item.location)} {_one_line(names.excerpt(item.location))}:"
        f" {_one_line(item.message)}"
        for item in problem.related
    )
    met_by = _met_by(problem)
    head = f"{problem.rule} in {_one_line(met_by)}" if met_by else problem.rule
    parts = ["\n".join([head, *places, *([problem.url] if problem.url else [])])]
    detail, more = _folded(problem)
    parts.extend([f"{OWN_TEXT}\n{detail}"] if detail else [])
    parts.extend([more] if more else [])
    return "\n\n".join(parts)


def _met_by(problem: Problem) -> str:
    """Return what met a problem: "strict mode, target `large`"."""
    modes = [f"{' and '.join(problem.modes)} mode"] if problem.modes else []
    noun = "target" if len(problem.targets) == 1 else "targets"
    listed = ", ".join(f"`{target}`" for target in problem.targets)
    return ", ".join([*modes, *([f"{noun} {listed}"] if listed else [])])


def is_folded(problem: Problem) -> bool:
    """Return whether a hover shows only a part of torch's text."""
    text, rest = _folded(problem)
    return bool(rest) or text.endswith("…")


def _folded(problem: Problem) -> tuple[str, str]:
    """Return the first lines of torch's text, and a sentence about the others; "" for none."""
    lines = for_editor(problem.detail).strip().splitlines()
    shown: list[str] = []
    for line in lines[:DETAIL_LINES]:
        room = DETAIL_LIMIT - sum(map(len, shown))
        if len(line) > room:
            shown.append(f"{line[:room]}…")
            break
        shown.append(line)
    left = len(lines) - len(shown)
    return "\n".join(shown).rstrip(), REST.format(count=left) if left else ""


def _one_line(text: str) -> str:
    return " ".join(for_editor(text).split())


def _text(text: str) -> str:
    """A message as Markdown: its `code` stays code, everything else is escaped."""
    parts = _CODE.split(_one_line(text))
    # Every other part is code.
    parts[::2] = [_SPECIAL.sub(r"\\\g<0>", part) for part in parts[::2]]
    return _BLOCK.sub(r"\1\\\2", "".join(parts))


def _link(rule: str, url: str) -> str:
    return f"[`{rule}`](<{_NOT_IN_URLS.sub('', url)}>)" if url else f"`{rule}`"


def _code(text: str) -> str:
    """Inline code, whatever it contains."""
    text = _one_line(text)
    if not text:
        return ""
    fence = "`" * (_longest_run(text) + 1)
    return f"{fence} {text} {fence}" if "`" in text else f"{fence}{text}{fence}"


def _block(text: str) -> str:
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}text\n{text}\n{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, _FENCES.findall(text)), default=0)
