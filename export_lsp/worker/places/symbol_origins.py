"""The origins of an export's unbacked symbols and of its guards in the user's code.

An unbacked symbol stands for a size or a number that comes from the data of a tensor.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import sympy

from export_lsp.protocol import Location
from export_lsp.worker.data.frame import Stack
from export_lsp.worker.places import locate
from export_lsp.worker.private import data_operators
from export_lsp.worker.user_code.workspace import Workspace

UNBACKED = re.compile(r"\b(?:u|zuf)\d+\b")


@dataclass(frozen=True)
class Guard:
    """A guard: its expression, torch's names of the sizes in it, and the stack that added it.

    `assumed` says that the trace had a number of the example's in place of one from data by then,
    which may be all that the guard follows from.
    """

    expression: str
    sources: frozenset[str]
    stack: Stack
    assumed: bool = False


@dataclass(frozen=True)
class Origin:
    """The place where an unbacked symbol was made.

    `stack` ends at the expression that made it, `kind` is the kind of operator
    (`private.data_operators`), and `index` counts the symbols of that kind made at the same
    expression, from 0.
    """

    stack: Stack
    kind: str
    index: int


@dataclass
class SymbolTracker:
    """Tracks the unbacked symbols and the guards of one export: a `shape_env_watch.Listener`.

    `origins` and `guards` have those made by code of the model.  `truths` are the symbols that
    stand for the truth value of a tensor.  `expect_questions` is called when a symbol is made, as
    guards on it may follow.  `has_assumed` is set once the trace has the example's number in place
    of one from data.
    """

    workspace: Workspace
    origins: dict[str, Origin] = field(default_factory=dict)
    truths: set[str] = field(default_factory=set)
    guards: list[Guard] = field(default_factory=list)
    expect_questions: Callable[[], None] = lambda: None
    has_assumed: bool = False
    _made: Counter[tuple[Location, str]] = field(default_factory=Counter)

    def symbol(self, name: str, *, truth: bool) -> None:
        """Track a symbol that is being made by the code on the stack."""
        if truth:
            self.truths.add(name)
        frame = sys._getframe(1)
        stack = locate.current_stack(frame, self.workspace)
        location = stack.innermost
        if location is not None and name not in self.origins:
            self.expect_questions()
            kind = data_operators.kind_of(frame)
            self.origins[name] = Origin(stack, kind, self._made[location, kind])
            self._made[location, kind] += 1

    def guard(self, expression: str, sources: frozenset[str]) -> None:
        """Track a guard that is being added by the code on the stack."""
        stack = locate.current_stack(sys._getframe(1), self.workspace)
        if stack:
            self.guards.append(Guard(expression, sources, stack, self.has_assumed))

    def origins_in(self, expression: sympy.Basic) -> dict[str, Origin]:
        """Return the origins of an expression's symbols, by symbol, as far as they are known."""
        names = map(str, expression.free_symbols)
        return {name: self.origins[name] for name in names if name in self.origins}

    def origin(self, expression: str) -> Stack | None:
        """Return the stack that made a symbol of an expression; None if unknown."""
        for symbol in UNBACKED.findall(expression):
            if symbol in self.origins:
                return self.origins[symbol].stack
        return None

    def is_truth(self, expression: str) -> bool:
        """Return whether all symbols of an expression stand for truth values of tensors."""
        symbols = UNBACKED.findall(expression)
        return bool(symbols) and self.truths.issuperset(symbols)

    def guard_on(self, sources: Iterable[str]) -> Guard | None:
        """Return the first guard on any of these sizes, an equation before an inequality.

        `sources` are torch's names of the sizes.
        """
        wanted = set(sources)
        about = [guard for guard in self.guards if guard.sources & wanted]
        equations = [guard for guard in about if guard.expression.startswith("Eq(")]
        return next(iter([*equations, *about]), None)
