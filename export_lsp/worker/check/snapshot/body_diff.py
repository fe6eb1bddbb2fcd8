"""Compare two texts of a file that may differ in the bodies of functions only.

Everything else about a function has to be the same: decorators, parameters, defaults, annotations
and docstring.  Whether the bodies may be swapped in a process that has run the old text is decided
in `swap_code`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from export_lsp.protocol import Location
from export_lsp.source import Source, first_line
from export_lsp.worker.check.snapshot.errors import NotResumableError
from export_lsp.worker.user_code import syntax

Function = ast.FunctionDef | ast.AsyncFunctionDef

# What a code object knows of its function: the name, and the first line, decorators included.
FunctionKey = tuple[str, int]


@dataclass(frozen=True)
class BodyDiff:
    """The difference between two texts of a file.

    `changed` has the outermost functions whose bodies differ, as the old text has them.
    `locations` maps the old range of every node outside of these bodies to the new one.
    """

    changed: frozenset[FunctionKey]
    locations: dict[Location, Location]


def diff_bodies(old: Source, new: Source) -> BodyDiff:
    """Compare two texts of a file.

    Raises:
        NotResumableError: if they differ in more than bodies, or one of them does not parse.
    """
    if old.tree is None or new.tree is None:
        raise NotResumableError(f"{new.path} does not parse")
    comparison = _Comparison(old, new)
    comparison.walk(old.tree, new.tree)
    return BodyDiff(frozenset(comparison.changed), comparison.locations)


class _Comparison:
    def __init__(self, old: Source, new: Source) -> None:
        self._old, self._new = old, new
        self.changed: set[FunctionKey] = set()
        self.locations: dict[Location, Location] = {}

    def walk(self, old: ast.AST, new: ast.AST) -> None:
        if type(old) is not type(new):
            self._refuse(new)
        self._map_locations(old, new)
        changed = (
            isinstance(old, Function) and isinstance(new, Function) and _bodies_differ(old, new)
        )
        if isinstance(old, Function) and changed:
            self.changed.add((old.name, first_line(old)))
        for name in old._fields:
            if not (changed and name == "body"):
                self._field(getattr(old, name, None), getattr(new, name, None), new)

    def _field(self, old: object, new: object, parent: ast.AST) -> None:
        if isinstance(old, ast.AST) and isinstance(new, ast.AST):
            self.walk(old, new)
        elif isinstance(old, list) and isinstance(new, list):
            if len(old) != len(new):
                self._refuse(parent)
            for one, other in zip(old, new, strict=True):
                self._field(one, other, parent)
        elif type(old) is not type(new) or repr(old) != repr(new):  # 0.0 is not -0.0, nan is nan
            self._refuse(parent)

    def _refuse(self, node: ast.AST) -> None:
        line = getattr(node, "lineno", 1)
        raise NotResumableError(f"{self._new.path}:{line} differs outside of function bodies")

    def _map_locations(self, old: ast.AST, new: ast.AST) -> None:
        pairs = zip(_located(old, self._old), _located(new, self._new), strict=True)
        for one, other in pairs:
            self.locations.setdefault(self._old.location_of(one), self._new.location_of(other))


def _located(node: ast.AST, source: Source) -> Iterator[ast.expr | ast.stmt | ast.excepthandler]:
    """Yield the node if it has a location, and for a class also the name in its header."""
    if isinstance(node, (ast.expr, ast.stmt, ast.excepthandler)):
        yield node
    if isinstance(node, ast.ClassDef):
        yield syntax.name_of(node, source.lines)


def _bodies_differ(old: Function, new: Function) -> bool:
    if ast.get_docstring(old, clean=False) != ast.get_docstring(new, clean=False):
        raise NotResumableError(f"the docstring of `{new.name}` differs")
    one, other = ([ast.dump(statement) for statement in each.body] for each in (old, new))
    return one != other
