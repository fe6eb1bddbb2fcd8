"""`lambda`: a `def` in its place, since only that can contain statements."""

from __future__ import annotations

import ast
import itertools
import keyword
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from export_lsp.fixes.edits import Edit
from export_lsp.fixes.placement.insertion import Edits, statement_start
from export_lsp.fixes.placement.node_path import NodePath
from export_lsp.fixes.placement.text_layout import TextLayout, Token
from export_lsp.protocol import Location, Position
from export_lsp.source import Source

# The name of a function that no keyword argument names.
NAME = "function"


@dataclass(frozen=True)
class LambdaText:
    """A lambda as it is written: where its parameters and its body are.

    The body includes its brackets; `one_line` is set if it is a logical line without any more.
    """

    node: ast.Lambda
    parameters: Location
    body: Location
    one_line: bool


def lambda_as_def(
    source: Source, layout: TextLayout, path: NodePath, function: ast.Lambda, lines: list[str]
) -> Edits | None:
    """Return edits that turn a lambda into a `def` which begins with the lines.

    The `def` goes before the path's statement, or replaces it if that only names the lambda.
    None if the code cannot be moved without changing what it does.
    """
    if any(isinstance(node, (ast.Yield, ast.YieldFrom, ast.Await)) for node in ast.walk(function)):
        return None
    text = _lambda_text(source, layout, function)
    start = statement_start(source, layout, path.statement)
    if text is None or layout.token_before(start) is not None:
        return None
    statement = path.statement
    if (
        isinstance(statement, ast.Assign)
        and statement.value is function
        and isinstance(statement.targets[0], ast.Name)
        and len(statement.targets) == 1
    ):
        return _in_place(source, layout, statement, text, lines)
    return _before_statement(source, layout, path, start, text, lines)


def _lambda_text(source: Source, layout: TextLayout, function: ast.Lambda) -> LambdaText | None:
    """Return the text of a lambda; None if it has a comment where a `def` has no room for one."""
    where = source.location_of(function)
    line = layout.logical_line(where.start)
    tokens = [token for token in line if where.start <= token.start and token.end <= where.end]
    body = source.location_of(function.body).start
    colon = next(i for i in range(len(tokens) - 1, 0, -1) if _ends_parameters(tokens, i, body))
    parameters = Location(source.path, tokens[1].start, tokens[colon - 1].end)
    rest = Location(source.path, tokens[colon + 1].start, where.end)
    gaps = [(tokens[0], tokens[1]), (tokens[colon - 1], tokens[colon])]
    gaps.append((tokens[colon], tokens[colon + 1]))
    if any("#" in _text(source, Location("", a.end, b.start)) for a, b in gaps):
        return None
    return LambdaText(function, parameters, rest, _is_one_line(_text(source, rest)))


def _ends_parameters(tokens: list[Token], index: int, body: Position) -> bool:
    """Return whether a token is the colon before the body: only brackets are between them."""
    between = itertools.takewhile(lambda token: token.start < body, tokens[index + 1 :])
    return (
        tokens[index].text == ":"
        and tokens[index].start < body
        and all(token.text == "(" for token in between)
    )


def _is_one_line(text: str) -> bool:
    """Return whether an expression is a logical line without brackets around it."""
    try:
        return len(ast.parse(f"_ = {text}").body) == 1
    except SyntaxError:
        return False


def _in_place(
    source: Source,
    layout: TextLayout,
    statement: ast.Assign,
    text: LambdaText,
    lines: Sequence[str],
) -> Edits | None:
    """Return edits that turn ``name = lambda …`` into ``def name(…)``."""
    where = source.location_of(statement)
    if layout.token_after(where.start, where.end) is not None:
        return None
    name = ast.unparse(statement.targets[0])
    line_break = layout.line_end(where.start.line) + layout.block_indentation(where.start.line)
    opening, closing = ("", "") if text.one_line else ("(", ")")
    body = "".join(f"{line_break}{line}" for line in lines)
    edits = (
        Edit(Location(source.path, where.start, text.parameters.start), f"def {name}("),
        Edit(
            Location(source.path, text.parameters.end, text.body.start),
            f"):{body}{line_break}return {opening}",
        ),
        Edit(Location(source.path, text.body.end, where.end), closing),
    )
    return edits if text.body.end != where.end or closing else edits[:2]


def _before_statement(
    source: Source,
    layout: TextLayout,
    path: NodePath,
    start: Position,
    text: LambdaText,
    lines: Sequence[str],
) -> Edits | None:
    """Return edits that put a `def` before the statement and its name in place of the lambda."""
    arguments = text.node.args
    defaults = [*arguments.defaults, *filter(None, arguments.kw_defaults)]
    constant = all(isinstance(default, ast.Constant) for default in defaults)
    in_class = any(isinstance(node, ast.ClassDef) for node in path.outer[-1:])
    if not constant or in_class or not start.line:
        return None
    name = _unused_name(source, path, text.node)
    outer, line_end = layout.indentation(start.line), layout.line_end(start.line)
    line_break = line_end + layout.block_indentation(start.line)
    body = _text(source, text.body)
    definition = (
        f"{layout.line_end(start.line - 1)}{outer}def {name}({_text(source, text.parameters)}):"
        + "".join(f"{line_break}{line}" for line in lines)
        + f"{line_break}return {body if text.one_line else f'({body})'}{line_end}{outer}"
    )
    # From the end of the line before, so that no other edit inserts anything between.
    return (
        Edit(layout.leading_line_break(start.line), definition),
        Edit(source.location_of(text.node), name),
    )


def _unused_name(source: Source, path: NodePath, function: ast.Lambda) -> str:
    """Return a name that the file does not use: the keyword that the lambda is passed as."""
    passed = [node for node in path.inner if isinstance(node, ast.keyword)]
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
