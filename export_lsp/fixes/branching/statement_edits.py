"""Edits that put lines in place of a statement with a block."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator, Sequence

from export_lsp.fixes.branching.if_rewrite import Rewritten
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.insertion import indented
from export_lsp.fixes.placement.text_layout import UNIT, WIDTH, Layout, layout_of
from export_lsp.protocol import Location, Position
from export_lsp.source import Source


def edits(
    source: Source, node: ast.stmt, result: Rewritten, lines: Sequence[str]
) -> tuple[Edit, ...] | None:
    """The lines in place of the statements, in their indentation; comments go before them.

    None if the statements share their lines with others.
    """
    layout = layout_of(source)
    start = source.location_of(node).start
    if layout is None or layout.previous(start) is not None:
        return None
    if not result.kept:
        place = Location(source.path, start, source.location_of(result.last).end)
        return (_instead(source, layout, place, lines),)
    last = source.location_of(result.last)
    gone = Location(source.path, start, source.location_of(result.kept[0]).start)
    if layout.previous(last.start) is not None or layout.previous(gone.end) is not None:
        return None
    kept = [*_comments(source, gone), ""]
    margin = layout.newline(start.line) + layout.indentation(start.line)
    return Edit(gone, margin.join(kept)), _instead(source, layout, last, lines)


def _instead(source: Source, layout: Layout, place: Location, lines: Sequence[str]) -> Edit:
    row = place.start.line
    indentation, inner = layout.indentation(row), layout.deeper(row)
    unit = inner.removeprefix(indentation)
    newline = layout.newline(row)
    is_elif = source.text.startswith("elif", source.offset(place.start))
    if is_elif:
        lines = ["else:", *indented(lines, UNIT)]
    wide = [part for line in lines for part in _broken(line, WIDTH - len(indentation))]
    written = [_with_unit(line, unit) for line in wide]
    if is_elif:
        comments = [_with_unit(f"{UNIT}{comment}", unit) for comment in _comments(source, place)]
        written[1:1] = comments
    else:
        written = [*_comments(source, place), *written]
    return Edit(place, f"{newline}{indentation}".join(written))


def _comments(source: Source, place: Location) -> list[str]:
    """The comments in a place, as lines."""
    start, end = source.offset(place.start), source.offset(place.end)
    found: list[str] = []
    tokens = tokenize.generate_tokens(io.StringIO(source.text).readline)
    for token in tokens:
        if token.type == tokenize.COMMENT:
            at = source.offset(Position(token.start[0] - 1, token.start[1]))
            if start <= at < end:
                found.append(token.string.rstrip())
    return found


def _broken(line: str, width: int) -> Iterator[str]:
    """A line; with the arguments of the call it ends with on lines of their own if too wide."""
    code = line.strip()
    blanks = line[: len(line) - len(line.lstrip())]
    inside = Source("", "", f"def _():\n {code}")
    end = Position(1, 1 + len(code))
    calls = (node for node in inside.nodes if isinstance(node, ast.Call) and node.args)
    call = next((node for node in calls if inside.location_of(node).end == end), None)
    if len(line) <= width or call is None or call.keywords:
        yield line
        return
    places = [inside.location_of(argument) for argument in call.args]
    yield f"{blanks}{inside.lines[1][1 : places[0].start.character]}"
    for place in places:
        yield f"{blanks}{UNIT}{inside.excerpt(place)},"
    yield f"{blanks})"


def _with_unit(line: str, unit: str) -> str:
    """A line that is indented by `UNIT`, with the file's own unit."""
    depth = 0
    while line.startswith(UNIT):
        line, depth = line[len(UNIT) :], depth + 1
    return unit * depth + line
