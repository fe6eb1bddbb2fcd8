"""What one export did with symbols.

Where data became a size or a number, and which expression added which guard.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import sympy

from export_lsp.protocol import Location
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.places import locate
from export_lsp.worker.private import data_operators
from export_lsp.worker.user_code.workspace import Workspace

UNBACKED = re.compile(r"\b(?:u|zuf)\d+\b")


@dataclass(frozen=True)
class Guard:
    """A guard, torch's names of the sizes in it, and the user's frames that added it."""

    expression: str
    sources: frozenset[str]
    frames: list[Frame]


@dataclass(frozen=True)
class Origin:
    """Where an unbacked symbol was made: the user's frames, the kind of operator that made it
    and how many of that kind had been made there before."""

    frames: list[Frame]
    kind: str
    index: int


@dataclass
class SymbolTracker:
    """The unbacked symbols and the guards of one export, as they were made.

    `truths` are the symbols that stand for the truth value of a tensor.  `expect_questions` is
    called when a symbol is made: guards on it may follow.
    """

    workspace: Workspace
    origins: dict[str, Origin] = field(default_factory=dict)
    truths: set[str] = field(default_factory=set)
    guards: list[Guard] = field(default_factory=list)
    expect_questions: Callable[[], None] = lambda: None
    _made: Counter[tuple[Location, str]] = field(default_factory=Counter)

    def symbol(self, name: str, *, truth: bool) -> None:
        if truth:
            self.truths.add(name)
        frame = sys._getframe(1)
        frames = locate.current_frames(frame, self.workspace)
        if frames and name not in self.origins:
            self.expect_questions()
            made = (frames[-1].location, data_operators.kind_of(frame))
            self.origins[name] = Origin(frames, made[1], self._made[made])
            self._made[made] += 1

    def guard(self, expression: str, sources: frozenset[str]) -> None:
        frames = locate.current_frames(sys._getframe(1), self.workspace)
        if frames:
            self.guards.append(Guard(expression, sources, frames))

    def origins_in(self, expression: sympy.Basic) -> dict[str, Origin]:
        """Where the symbols of an expression were made, as far as the user's code did it."""
        names = map(str, expression.free_symbols)
        return {name: self.origins[name] for name in names if name in self.origins}

    def origin(self, expression: str) -> Frame | None:
        """The innermost frame where the data of an expression over symbols came from."""
        for symbol in UNBACKED.findall(expression):
            if symbol in self.origins:
                return self.origins[symbol].frames[-1]
        return None

    def is_truth(self, expression: str) -> bool:
        """Whether an expression asks for nothing but the truth value of a tensor."""
        symbols = UNBACKED.findall(expression)
        return bool(symbols) and self.truths.issuperset(symbols)

    def guard_on(self, sources: Iterable[str]) -> Guard | None:
        """The guard that restricted these sizes first, an equation before an inequality."""
        wanted = set(sources)
        about = [guard for guard in self.guards if guard.sources & wanted]
        equations = [guard for guard in about if guard.expression.startswith("Eq(")]
        return next(iter([*equations, *about]), None)
