"""`lambda`: a `def` in its place, which can have statements."""

from __future__ import annotations

import ast
import itertools
import keyword
from collections.abc import Iterator
from dataclasses import dataclass

from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.insertion import Edits, first
from export_lsp.fixes.placement.node_path import Around
from export_lsp.fixes.placement.text_layout import Layout, Token
from export_lsp.protocol import Location, Position
from export_lsp.source import Source

NAME = "function"


@dataclass(frozen=True)
class Parts:
    """A lambda as it is written: its parameters, and its body as what follows a `return`."""

    node: ast.Lambda
    parameters: Location
    body: Location
    bracketed: bool


def in_def(
    source: Source, layout: Layout, place: Around, function: ast.Lambda, lines: list[str]
) -> Edits | None:
    """Edits that make a `def` with the lines of a lambda; None if that is not clean."""
    if any(isinstance(node, (ast.Yield, ast.YieldFrom, ast.Await)) for node in ast.walk(function)):
        return None
    parts = _parts(source, layout, function)
    start = first(source, layout, place.statement)
    if parts is None or layout.previous(start) is not None:
        return None
    statement = place.statement
    if (
        isinstance(statement, ast.Assign)
        and statement.value is function
        and isinstance(statement.targets[0], ast.Name)
        and len(statement.targets) == 1
    ):
        return _renamed(source, layout, statement, parts, lines)
    return _moved(source, layout, place, start, parts, lines)


def _parts(source: Source, layout: Layout, function: ast.Lambda) -> Parts | None:
    """None if a comment or more stands where the `def` would have none of it."""
    where = source.location_of(function)
    tokens = [t for t in layout.line(where.start) if where.start <= t.start and t.end <= where.end]
    body = source.location_of(function.body).start
    colon = next(i for i in range(len(tokens) - 1, 0, -1) if _ends_parameters(tokens, i, body))
    parameters = Location(source.path, tokens[1].start, tokens[colon - 1].end)
    rest = Location(source.path, tokens[colon + 1].start, where.end)
    between = [(tokens[0], tokens[1]), (tokens[colon - 1], tokens[colon])]
    between.append((tokens[colon], tokens[colon + 1]))
    if any("#" in _text(source, Location("", a.end, b.start)) for a, b in between):
        return None
    return Parts(function, parameters, rest, _is_one_line(_text(source, rest)))


def _ends_parameters(tokens: list[Token], index: int, body: Position) -> bool:
    """Whether a token is the colon before a lambda's body: only brackets are between them."""
    behind = itertools.takewhile(lambda token: token.start < body, tokens[index + 1 :])
    return (
        tokens[index].text == ":"
        and tokens[index].start < body
        and all(token.text == "(" for token in behind)
    )


def _is_one_line(text: str) -> bool:
    """Whether an expression is a logical line by itself."""
    try:
        return len(ast.parse(f"_ = {text}").body) == 1
    except SyntaxError:
        return False


def _renamed(
    source: Source, layout: Layout, statement: ast.Assign, parts: Parts, lines: list[str]
) -> Edits | None:
    """``name = lambda …`` as ``def name(…)``."""
    where = source.location_of(statement)
    if layout.next(where.start, where.end) is not None:
        return None
    name = ast.unparse(statement.targets[0])
    margin = layout.newline(where.start.line) + layout.deeper(where.start.line)
    opening, closing = ("", "") if parts.bracketed else ("(", ")")
    edits = (
        Edit(Location(source.path, where.start, parts.parameters.start), f"def {name}("),
        Edit(
            Location(source.path, parts.parameters.end, parts.body.start),
            "):" + "".join(f"{margin}{line}" for line in lines) + f"{margin}return {opening}",
        ),
        Edit(Location(source.path, parts.body.end, where.end), closing),
    )
    return edits if parts.body.end != where.end or closing else edits[:2]


def _moved(
    source: Source,
    layout: Layout,
    place: Around,
    start: Position,
    parts: Parts,
    lines: list[str],
) -> Edits | None:
    """A `def` before the statement, and its name in place of the lambda."""
    arguments = parts.node.args
    defaults = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
    constant = all(isinstance(default, ast.Constant) for default in defaults)
    in_class = any(isinstance(node, ast.ClassDef) for node in place.outer[-1:])
    if not constant or in_class or not start.line:
        return None
    name = _fresh_name(source, place, parts.node)
    outer, newline = layout.indentation(start.line), layout.newline(start.line)
    margin = newline + layout.deeper(start.line)
    body = _text(source, parts.body)
    text = (
        f"{layout.newline(start.line - 1)}{outer}def {name}({_text(source, parts.parameters)}):"
        + "".join(f"{margin}{line}" for line in lines)
        + f"{margin}return {body if parts.bracketed else f'({body})'}{newline}{outer}"
    )
    # From the end of the line before, so that no other edit puts anything between.
    return (
        Edit(layout.margin(start.line), text),
        Edit(source.location_of(parts.node), name),
    )


def _fresh_name(source: Source, place: Around, function: ast.Lambda) -> str:
    passed = [node for node in place.inner if isinstance(node, ast.keyword)]
    base = next((node.arg for node in passed if node.value is function and node.arg), NAME)
    taken = set(_identifiers(source))
    numbered = (f"{base}_{number}" for number in itertools.count(2))
    return next(
        name
        for name in itertools.chain([base], numbered)
        if name not in taken and not keyword.iskeyword(name)
    )


def _identifiers(source: Source) -> Iterator[str]:
    for node in ast.walk(source.tree or ast.Module([], [])):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name


def _text(source: Source, location: Location) -> str:
    return source.text[source.offset(location.start) : source.offset(location.end)]
