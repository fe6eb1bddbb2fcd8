"""The text of a Python file, its syntax, and the way between its three ways to count columns.

Server and worker both need it, so it is written for the standard library alone, like `protocol`.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import io
import itertools
import re
import tokenize
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from export_lsp.protocol import Location, Position

# As Python's tokenizer sees lines; str.splitlines also splits at form feeds and U+2028.
LINE_END = re.compile(r"\r\n|\r|\n")

# What needs no parentheses anywhere.
ATOMS = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant)

# What a Python operator stands in, an index included.
OPERATIONS = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Subscript)


@dataclass(frozen=True)
class Source:
    """A file as it was imported; `encoding` is Python's name of the one it is written in."""

    path: str
    digest: str
    text: str
    encoding: str = "utf-8"

    @classmethod
    def of(cls, path: str, data: bytes) -> Source:
        """A file with these bytes.

        Raises:
            SyntaxError, UnicodeDecodeError: it is no text in its declared encoding.
        """
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return cls(path, hashlib.sha256(data).hexdigest(), data.decode(encoding), encoding)

    def edited(self, text: str) -> Source:
        """The file with another text."""
        return Source.of(self.path, encoded(text))

    @functools.cached_property
    def lines(self) -> list[str]:
        return LINE_END.split(self.text)

    @functools.cached_property
    def tree(self) -> ast.Module | None:
        """The syntax tree; None if the file does not parse, or is nested too deeply to."""
        try:
            return ast.parse(self.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    def position(self, line: int, column: int) -> Position:
        """The place of a 1-based line and a column in UTF-8 bytes, as Python counts both.

        What lies outside the text is moved to its nearest place.
        """
        index = min(max(line - 1, 0), len(self.lines) - 1)
        prefix = self.lines[index].encode("utf-8", "surrogatepass")[: max(column, 0)]
        return Position(index, len(prefix.decode("utf-8", "ignore")))

    def offset(self, position: Position) -> int:
        """How many characters of the text stand before a place."""
        return self._line_starts[position.line] + position.character

    def position_at(self, offset: int) -> Position:
        """The place that so many characters of the text stand before."""
        line = bisect_right(self._line_starts, offset) - 1
        return Position(line, offset - self._line_starts[line])

    @functools.cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(end.end() for end in LINE_END.finditer(self.text))]

    def range(self, line: int, column: int, end_line: int, end_column: int) -> Location:
        """The range of Python's own four numbers (``co_positions``, `ast`, tracebacks)."""
        start, end = self.position(line, column), self.position(end_line, end_column)
        return Location(self.path, start, end)

    def location_of(self, node: ast.expr | ast.stmt | ast.excepthandler) -> Location:
        return self.range(
            node.lineno,
            node.col_offset,
            node.end_lineno or node.lineno,
            node.end_col_offset or node.col_offset,
        )

    def text_of(self, node: ast.expr | ast.stmt) -> str:
        """The `excerpt` of a node."""
        return self.excerpt(self.location_of(node))

    def expression_at(self, location: Location) -> ast.expr | None:
        """The outermost expression with exactly this range."""
        return next((n for n in self._at(location) if isinstance(n, ast.expr)), None)

    def with_negation(self, location: Location) -> Location:
        """The `not …` around an expression that is all of its operand; else the expression."""
        operands = (n for n in self.nodes if isinstance(n, ast.UnaryOp))
        for node in operands:
            if isinstance(node.op, ast.Not) and self.location_of(node.operand) == location:
                return self.location_of(node)
        return location

    def statement_at(self, location: Location) -> ast.stmt | None:
        """The statement with exactly this range."""
        return next((n for n in self._at(location) if isinstance(n, ast.stmt)), None)

    def _at(self, location: Location) -> Iterator[ast.expr | ast.stmt]:
        nodes = self._nodes_by_line.get(location.start.line + 1, ())
        return (node for node in nodes if self.location_of(node) == location)

    def enclosing(self, location: Location) -> list[ast.expr | ast.stmt]:
        """The expressions and statements around a place, the innermost first."""
        first, last = location.start.line + 1, location.end.line + 1
        spanning = (
            node
            for node in reversed(self.nodes)
            if node.lineno <= first and last <= (node.end_lineno or node.lineno)
        )
        return [node for node in spanning if _covers(self.location_of(node), location)]

    @functools.cached_property
    def _nodes_by_line(self) -> dict[int, list[ast.expr | ast.stmt]]:
        """`nodes` by the lines (from 1) that they start on."""
        lines: dict[int, list[ast.expr | ast.stmt]] = {}
        for node in self.nodes:
            lines.setdefault(node.lineno, []).append(node)
        return lines

    @functools.cached_property
    def nodes(self) -> list[ast.expr | ast.stmt]:
        """All expressions and statements, outer ones before those inside them."""
        tree = self.tree or ast.Module([], [])
        return [node for node in ast.walk(tree) if isinstance(node, (ast.expr, ast.stmt))]

    def is_caught(self, location: Location, error: BaseException) -> bool:
        """Whether an ``except`` around a place catches an exception, as far as its names tell."""
        names = {kind.__name__ for kind in type(error).__mro__}
        return any(
            isinstance(node, ast.Try)
            and self.location_of(node.body[0]).start
            <= location.start
            < self.location_of(node.body[-1]).end
            and any(names.intersection(_caught_by(handler)) for handler in node.handlers)
            for node in self.nodes
        )

    def expression_marked(
        self, line: int, text: str, *, column: int = 0, operator: bool = False
    ) -> Location | None:
        """The expression that starts where a text stands in a line (1-based); None if none does.

        It stands `column` characters behind the indentation, or else somewhere.  The text may go
        on after the expression's end: Dynamo's stacks draw carets to the line's end.  Of several
        expressions that start there it is the one the text ends with, else the largest call (the
        largest operation if an operator made it), else the largest.
        """
        there = self.lines[line - 1] if line <= len(self.lines) else ""
        indented = len(there) - len(there.lstrip()) + column
        column = indented if there.startswith(text, indented) else there.find(text)
        if column < 0:
            return None
        start = Position(line - 1, column)
        here = [n for n in self.nodes if isinstance(n, ast.expr) and n.lineno == line]
        starting = [node for node in here if self.location_of(node).start == start]
        exact = [node for node in starting if self.text_of(node) == text]
        kinds = OPERATIONS if operator else (ast.Call,)
        likely = [node for node in starting if isinstance(node, kinds)]
        return next((self.location_of(node) for node in [*exact, *likely, *starting]), None)

    def line_location(self, line: int) -> Location:
        """A whole line (1-based) without its indentation and trailing blanks."""
        index = min(max(line - 1, 0), len(self.lines) - 1)
        text = self.lines[index]
        start = len(text) - len(text.lstrip())
        return Location(
            self.path, Position(index, start), Position(index, max(start, len(text.rstrip())))
        )

    def excerpt(self, location: Location) -> str:
        """The text of a range on one line; one that spans lines loses its comments."""
        if location.start.line == location.end.line:
            line = self.lines[location.start.line]
            return line[location.start.character : location.end.character]
        node = next(self._at(location), None)
        if isinstance(node, ast.expr):
            return ast.unparse(node)
        return self.lines[location.start.line][location.start.character :].split("#")[0].strip()


def split_lines(text: str) -> list[str]:
    """The lines of a text as positions count them, each with its line end; the last has none."""
    ends = [0, *(end.end() for end in LINE_END.finditer(text)), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(ends)]


def without_line_end(line: str) -> str:
    """A line without its ``\\n``, ``\\r\\n`` or ``\\r``."""
    return line.rstrip("\r\n")


def as_operand(text: str) -> str:
    """An expression as an operand, of whatever operator: in parentheses unless it is an atom."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return f"({text})"  # an expression where it stands, as `n := 1` is
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        node = node.operand
    return text if isinstance(node, ATOMS) else f"({text})"


def encoded(text: str) -> bytes:
    """The bytes of a file with this text, in the encoding that it declares.

    Raises:
        SyntaxError, UnicodeEncodeError: it declares one that is unknown or does not have the text.
    """
    encoding, _ = tokenize.detect_encoding(io.BytesIO(text.encode()).readline)
    return text.encode(encoding)


def first_line(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Where a function begins for ``co_firstlineno``, which counts from the first decorator."""
    return min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])


def _covers(outer: Location, inner: Location) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _caught_by(handler: ast.excepthandler) -> list[str]:
    """The names of the classes that an ``except`` clause catches."""
    kinds = getattr(handler, "type", None)
    if kinds is None:
        return [BaseException.__name__]
    parts = kinds.elts if isinstance(kinds, ast.Tuple) else [kinds]
    return [ast.unparse(part).rpartition(".")[2] for part in parts]
