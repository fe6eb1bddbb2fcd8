"""Edits that replace a statement and its block by lines."""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Iterator, Sequence

from export_lsp.fixes.branching.if_rewrite import Rewrite
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.insertion import indented
from export_lsp.fixes.placement.text_layout import INDENT, LINE_WIDTH, TextLayout, layout_of
from export_lsp.protocol import Location, Position
from export_lsp.source import Source


def replace_statement(
    source: Source, node: ast.stmt, rewrite: Rewrite, lines: Sequence[str]
) -> tuple[Edit, ...] | None:
    """Return edits that put lines in place of the statements that a rewrite replaces.

    `node` is the first of these statements, `lines` are the rewrite's with `torch` by its name
    there.  Comments of the statements go before the lines.  None if one of the statements shares
    its line with another.
    """
    layout = layout_of(source)
    start = source.location_of(node).start
    if layout is None or layout.token_before(start) is not None:
        return None
    if not rewrite.kept:
        place = Location(source.path, start, source.location_of(rewrite.last).end)
        return (_replacement(source, layout, place, lines),)
    last = source.location_of(rewrite.last)
    gone = Location(source.path, start, source.location_of(rewrite.kept[0]).start)
    if layout.token_before(last.start) is not None or layout.token_before(gone.end) is not None:
        return None
    line_break = layout.line_end(start.line) + layout.indentation(start.line)
    comments = line_break.join([*_comments(source, gone), ""])
    return Edit(gone, comments), _replacement(source, layout, last, lines)


def _replacement(source: Source, layout: TextLayout, place: Location, lines: Sequence[str]) -> Edit:
    """Return the edit that writes lines and the comments of a range in place of the range.

    The lines of an `elif` go into an `else`.
    """
    row = place.start.line
    indentation = layout.indentation(row)
    unit = layout.block_indentation(row).removeprefix(indentation)
    is_elif = source.text.startswith("elif", source.offset(place.start))
    comments = _comments(source, place)
    if is_elif:
        lines = ["else:", *indented(lines, INDENT)]
        comments = indented(comments, INDENT)
    width = LINE_WIDTH - len(indentation)
    written = [part for line in lines for part in _broken(line, width)]
    first = 1 if is_elif else 0
    written[first:first] = comments
    text = f"{layout.line_end(row)}{indentation}".join(_with_unit(line, unit) for line in written)
    return Edit(place, text)


def _comments(source: Source, place: Location) -> list[str]:
    """Return the comments that start in a range."""
    start, end = source.offset(place.start), source.offset(place.end)
    found: list[str] = []
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT:
            at = source.offset(Position(token.start[0] - 1, token.start[1]))
            if start <= at < end:
                found.append(token.string.rstrip())
    return found


def _broken(line: str, width: int) -> Iterator[str]:
    """Yield a line; if it is too wide, with each argument of its last call on a line of its own."""
    code = line.strip()
    blanks = line[: len(line) - len(line.lstrip())]
    inside = Source("", "", f"def _():\n {code}")
    end = Position(1, 1 + len(code))
    calls = (node for node in inside.nodes if isinstance(node, ast.Call) and node.args)
    call = next((node for node in calls if inside.location_of(node).end == end), None)
    if len(line) <= width or call is None or call.keywords:
        yield line
        return
    arguments = [inside.location_of(argument) for argument in call.args]
    yield f"{blanks}{inside.lines[1][1 : arguments[0].start.character]}"
    for argument in arguments:
        yield f"{blanks}{INDENT}{inside.excerpt(argument)},"
    yield f"{blanks})"


def _with_unit(line: str, unit: str) -> str:
    """Return a line that is indented by `INDENT` with the file's own unit instead."""
    depth = 0
    while line.startswith(INDENT):
        line, depth = line[len(INDENT) :], depth + 1
    return unit * depth + line
