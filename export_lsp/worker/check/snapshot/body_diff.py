"""Two texts of a file that differ in the bodies of functions only, and what leads from one to the
other.

Of a function everything but its statements has to be the same: decorators, parameters, defaults,
annotations, the documentation.  Whether the functions may be exchanged in a process that has run
the old text is another question (`exchange.py`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from export_lsp.protocol import Location
from export_lsp.source import Source, first_line
from export_lsp.worker.user_code import syntax

Function = ast.FunctionDef | ast.AsyncFunctionDef

# A function as its code object names it: its name, and the line that it starts on, decorators
# included.
FunctionKey = tuple[str, int]


class NotResumableError(Exception):
    """The texts differ in more than bodies."""


@dataclass(frozen=True)
class BodyDiff:
    """What two texts of a file have in common.

    `changed` has the outermost functions whose bodies differ, as the old text has them; `places`
    leads from the ranges of the old text's nodes outside of these to the new ones.
    """

    changed: frozenset[FunctionKey]
    places: dict[Location, Location]


def diff_bodies(old: Source, new: Source) -> BodyDiff:
    """
    Raises:
        NotResumableError: more than bodies differs, or one of the texts does not parse.
    """
    if old.tree is None or new.tree is None:
        raise NotResumableError(f"{new.path} does not parse")
    comparison = _Comparison(old, new)
    comparison.walk(old.tree, new.tree)
    return BodyDiff(frozenset(comparison.changed), comparison.places)


class _Comparison:
    def __init__(self, old: Source, new: Source) -> None:
        self._old, self._new = old, new
        self.changed: set[FunctionKey] = set()
        self.places: dict[Location, Location] = {}

    def walk(self, old: ast.AST, new: ast.AST) -> None:
        if type(old) is not type(new):
            self._differ(new)
        self._note(old, new)
        changed = isinstance(old, Function) and isinstance(new, Function) and _differ(old, new)
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
                self._differ(parent)
            for one, other in zip(old, new, strict=True):
                self._field(one, other, parent)
        elif type(old) is not type(new) or repr(old) != repr(new):  # 0.0 is not -0.0, nan is nan
            self._differ(parent)

    def _differ(self, node: ast.AST) -> None:
        line = getattr(node, "lineno", 1)
        raise NotResumableError(
            f"{self._new.path}:{line} differs outside of the bodies of functions"
        )

    def _note(self, old: ast.AST, new: ast.AST) -> None:
        for one, other in zip(_placed(old, self._old), _placed(new, self._new), strict=True):
            self.places.setdefault(self._old.location_of(one), self._new.location_of(other))


def _placed(node: ast.AST, source: Source) -> Iterator[ast.expr | ast.stmt | ast.excepthandler]:
    if isinstance(node, (ast.expr, ast.stmt, ast.excepthandler)):
        yield node
    if isinstance(node, ast.ClassDef):
        yield syntax.name_of(node, source.lines)


def _differ(old: Function, new: Function) -> bool:
    if ast.get_docstring(old, clean=False) != ast.get_docstring(new, clean=False):
        raise NotResumableError(f"the documentation of `{new.name}` differs")
    one, other = ([ast.dump(statement) for statement in each.body] for each in (old, new))
    return one != other
