"""The text of a Python file, its syntax tree, and conversions between positions and offsets.

Python counts lines from 1 and columns in UTF-8 bytes; `Position`s count both from 0, in code
points.  Loaded by server and worker, so that it needs nothing but the standard library, as
`protocol` does.
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

# The line ends of Python's tokenizer; str.splitlines also splits at form feeds and U+2028.
LINE_END = re.compile(r"\r\n|\r|\n")

# Expressions that need no parentheses as an operand.
ATOMS = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant)

# Expressions with an operator in them, indexing included.
OPERATIONS = (ast.BinOp, ast.UnaryOp, ast.Compare, ast.Subscript)


@dataclass(frozen=True)
class Source:
    """A file as it was imported.

    `digest` is the SHA-256 of its bytes in hexadecimal, "" for a text that is not a file's.
    `encoding` is Python's name for the encoding it is written in.
    """

    path: str
    digest: str
    text: str
    encoding: str = "utf-8"

    @classmethod
    def of(cls, path: str, data: bytes) -> Source:
        """Return the source of a file with these bytes.

        Raises:
            SyntaxError, UnicodeDecodeError: they are not text in the encoding that they declare.
        """
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return cls(path, hashlib.sha256(data).hexdigest(), data.decode(encoding), encoding)

    def edited(self, text: str) -> Source:
        """Return the same file with another text.

        Raises:
            SyntaxError, UnicodeError: the text does not fit the encoding that it declares.
        """
        return Source.of(self.path, encoded(text))

    @functools.cached_property
    def lines(self) -> list[str]:
        """The lines without their line ends."""
        return LINE_END.split(self.text)

    @functools.cached_property
    def tree(self) -> ast.Module | None:
        """The syntax tree; None if the file does not parse or is nested too deeply."""
        try:
            return ast.parse(self.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    def position(self, line: int, column: int) -> Position:
        """Return the position of a 1-based line and a column in UTF-8 bytes, as Python counts.

        Values outside the text give the nearest position in it.
        """
        index = min(max(line - 1, 0), len(self.lines) - 1)
        prefix = self.lines[index].encode("utf-8", "surrogatepass")[: max(column, 0)]
        return Position(index, len(prefix.decode("utf-8", "ignore")))

    def offset(self, position: Position) -> int:
        """Return the offset of a position: the number of characters before it."""
        return self._line_starts[position.line] + position.character

    def position_at(self, offset: int) -> Position:
        """Return the position of an offset in the text."""
        line = bisect_right(self._line_starts, offset) - 1
        return Position(line, offset - self._line_starts[line])

    @functools.cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(end.end() for end in LINE_END.finditer(self.text))]

    def range(self, line: int, column: int, end_line: int, end_column: int) -> Location:
        """Return the location of Python's four numbers (``co_positions``, `ast`, tracebacks)."""
        start, end = self.position(line, column), self.position(end_line, end_column)
        return Location(self.path, start, end)

    def location_of(self, node: ast.expr | ast.stmt | ast.excepthandler) -> Location:
        """Return the location of a node of the tree."""
        return self.range(
            node.lineno,
            node.col_offset,
            node.end_lineno or node.lineno,
            node.end_col_offset or node.col_offset,
        )

    def text_of(self, node: ast.expr | ast.stmt) -> str:
        """Return the text of a node, see `excerpt`."""
        return self.excerpt(self.location_of(node))

    def expression_at(self, location: Location) -> ast.expr | None:
        """Return the outermost expression with exactly this location."""
        return next((n for n in self._at(location) if isinstance(n, ast.expr)), None)

    def with_negation(self, location: Location) -> Location:
        """Return the location of the `not …` whose operand is here; else the location itself."""
        operands = (n for n in self.nodes if isinstance(n, ast.UnaryOp))
        for node in operands:
            if isinstance(node.op, ast.Not) and self.location_of(node.operand) == location:
                return self.location_of(node)
        return location

    def statement_at(self, location: Location) -> ast.stmt | None:
        """Return the statement with exactly this location."""
        return next((n for n in self._at(location) if isinstance(n, ast.stmt)), None)

    def _at(self, location: Location) -> Iterator[ast.expr | ast.stmt]:
        nodes = self._nodes_by_line.get(location.start.line + 1, ())
        return (node for node in nodes if self.location_of(node) == location)

    def enclosing(self, location: Location) -> list[ast.expr | ast.stmt]:
        """Return the expressions and statements around a location, the innermost first."""
        first, last = location.start.line + 1, location.end.line + 1
        spanning = (
            node
            for node in reversed(self.nodes)
            if node.lineno <= first and last <= (node.end_lineno or node.lineno)
        )
        return [node for node in spanning if _covers(self.location_of(node), location)]

    @functools.cached_property
    def _nodes_by_line(self) -> dict[int, list[ast.expr | ast.stmt]]:
        """The `nodes` by the line (from 1) that they start on."""
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
        """Return whether an ``except`` around a location catches an exception, by its names."""
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
        """Return the location of the expression that a text of a line (1-based) starts with.

        The text is looked for `column` characters behind the indentation, then anywhere in the
        line; None if it is not found or no expression starts there.  It may go on after the
        expression, since Dynamo's stacks draw carets to the end of the line.  Of several
        expressions that start there, prefers the one that is the whole text, then the largest call
        (the largest operation with `operator`), then the largest.
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
        """Return the location of a whole line (1-based) without the blanks at both ends."""
        index = min(max(line - 1, 0), len(self.lines) - 1)
        text = self.lines[index]
        start = len(text) - len(text.lstrip())
        return Location(
            self.path, Position(index, start), Position(index, max(start, len(text.rstrip())))
        )

    def excerpt(self, location: Location) -> str:
        """Return the text of a location.

        An expression that spans several lines is written on one, without its comments; of anything
        else that does, only the first line is returned.
        """
        if location.start.line == location.end.line:
            line = self.lines[location.start.line]
            return line[location.start.character : location.end.character]
        node = next(self._at(location), None)
        if isinstance(node, ast.expr):
            return ast.unparse(node)
        return self.lines[location.start.line][location.start.character :].split("#")[0].strip()


def split_lines(text: str) -> list[str]:
    """Return the lines of a text, each with its line end; the last has none."""
    ends = [0, *(end.end() for end in LINE_END.finditer(text)), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(ends)]


def without_line_end(line: str) -> str:
    r"""Return a line without its ``\n``, ``\r\n`` or ``\r``."""
    return line.rstrip("\r\n")


def as_operand(text: str) -> str:
    """Return an expression as an operand of any operator: in parentheses unless it is an atom."""
    try:
        node = ast.parse(text, mode="eval").body
    except SyntaxError:
        return f"({text})"  # an expression only where it stands, such as `n := 1`
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        node = node.operand
    return text if isinstance(node, ATOMS) else f"({text})"


def encoded(text: str) -> bytes:
    """Return the bytes of a file with this text, in the encoding that the text declares.

    Raises:
        SyntaxError, UnicodeEncodeError: the encoding is unknown or cannot represent the text.
    """
    encoding, _ = tokenize.detect_encoding(io.BytesIO(text.encode()).readline)
    return text.encode(encoding)


def first_line(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return a function's ``co_firstlineno``: the line of its first decorator, if it has one."""
    return min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])


def _covers(outer: Location, inner: Location) -> bool:
    return outer.start <= inner.start and inner.end <= outer.end


def _caught_by(handler: ast.excepthandler) -> list[str]:
    """Return the names of the classes that an ``except`` clause catches."""
    kinds = getattr(handler, "type", None)
    if kinds is None:
        return [BaseException.__name__]
    parts = kinds.elts if isinstance(kinds, ast.Tuple) else [kinds]
    return [ast.unparse(part).rpartition(".")[2] for part in parts]
