"""The sizes that an exported program accepts for each dimension of its inputs that varies.

Neither the ranges that a program states nor its guards alone say that: a range may be wider than
the guards allow.  All rules are therefore evaluated for many sizes, each dimension for itself while
the others are as in the example, and for another size of each of them.
"""

from __future__ import annotations

import itertools
import math
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence

from export_lsp.worker.private.size_rules import Condition, SizeRules

# How many sizes of a dimension are tried, from the smallest on.
TRIED = 256
# How many sizes of each dimension are combined with those of others.
COMBINED = 10
# How many of their combinations are tried.
COMBINATIONS = 1000
# How often conditions on several dimensions are told from those on one.
PASSES = 2
# At most this many conditions are told.
CONDITIONS = 3
# Longer than that, in seconds, and nothing is said about the dimensions.
BUDGET = 0.25

Sizes = Mapping[str, int]


class LateError(Exception):
    """The evaluation has taken its time."""


class AcceptedSizes:
    """The sizes that rules of a program accept, found within a budget.

    Raises:
        LateError: from each method, once it has taken longer.
    """

    def __init__(self, rules: SizeRules, budget: float = BUDGET) -> None:
        self._rules = rules
        self._deadline = time.process_time() + budget
        self._accepted = {name: list(self._tried(name)) for name in rules.symbols}
        self._own: list[Condition] = []
        self._coupled: list[Condition] = list(rules.conditions)
        # Sizes that are never accepted make conditions on several dimensions look coupled.
        for _ in range(PASSES):
            self._own += [each for each in self._coupled if not self._couples(each)]
            self._coupled = [each for each in self._coupled if each not in self._own]
            self._accepted = {name: self._find_accepted(name) for name in rules.symbols}

    def fact(self, name: str) -> tuple[int, int | None, int] | None:
        """Return the smallest and the largest size of a dimension, and what all are multiples of.

        None if no size is accepted.  Sizes in between may be excluded by one of `told`.
        """
        accepted, tried = self._accepted[name], self._tried(name)
        if not accepted:
            return None
        step = math.gcd(*accepted) or 1
        _, most = self._rules.ranges[name]
        goes_on = accepted[-1] + step > tried[-1] and most != tried[-1]
        return accepted[0], most if goes_on else accepted[-1], step

    def _find_accepted(self, name: str) -> list[int]:
        conditions = [each for each in self._own if name in each.symbols]
        return [
            size for size in self._tried(name) if self._holds(conditions, self._with(name, size))
        ]

    def _refused(self, name: str) -> list[Sizes]:
        """Return the sizes between those that are accepted."""
        accepted = self._accepted[name]
        step = math.gcd(*accepted) or 1
        between = range(accepted[0], accepted[-1] + 1, step) if accepted else ()
        return [self._with(name, size) for size in between if size not in accepted]

    def imposing(self, name: str) -> list[Condition]:
        """Return the conditions that refuse sizes of a dimension, in the order of the guards.

        One that refuses no more than those before it is left out.
        """
        least, most = self._rules.ranges[name]
        beyond = [least - 1, *([most + 1] if most is not None else [])]
        left = [self._with(name, size) for size in (*beyond, *self._tried(name))]
        imposing = []
        for condition in self._rules.conditions:
            if condition in self._own and name in condition.symbols:
                holding = [sizes for sizes in left if self._holds([condition], sizes)]
                if len(holding) < len(left):
                    imposing.append(condition)
                left = holding
        return imposing

    def told(self) -> list[Condition]:
        """Return what the facts lack: conditions that do not follow from shorter ones.

        They couple dimensions, or exclude sizes between those that are accepted.
        """
        told: list[Condition] = []
        for condition in sorted(self._coupled, key=_length):
            symbols = condition.symbols.union(*(each.symbols for each in told))
            self._tell(condition, self._combined(sorted(symbols)), told)
        for name in self._accepted:
            refused = self._refused(name)
            for condition in sorted(self._own, key=_length) if refused else ():
                if name in condition.symbols:
                    self._tell(condition, refused, told)
        return told

    def _tell(self, condition: Condition, combined: Iterable[Sizes], told: list[Condition]) -> None:
        """Add a condition that excludes sizes which the others do not."""
        news = any(self._holds(told, sizes) and not condition.holds(sizes) for sizes in combined)
        if news and len(told) < CONDITIONS:
            told.append(condition)

    def _couples(self, condition: Condition) -> bool:
        """Return whether the sizes of one dimension that it accepts depend on another's.

        They do not if it accepts all combinations of the sizes that it accepts at all.
        """
        names = sorted(condition.symbols)
        accepted = {
            tuple(sizes[name] for name in names)
            for sizes in self._combined(names)
            if self._holds([condition], sizes)
        }
        alone = [set(sizes) for sizes in zip(*accepted, strict=True)]
        return len(accepted) < math.prod(map(len, alone))

    def _combined(self, names: Sequence[str]) -> Iterator[dict[str, int]]:
        """Yield combinations of sizes of some dimensions; the others have the example's."""
        most = min(COMBINED, int(COMBINATIONS ** (1 / len(names))))
        few = [self._accepted[name][:most] for name in names]
        for sizes in itertools.product(*few):
            yield {**self._rules.example, **dict(zip(names, sizes, strict=True))}

    def _tried(self, name: str) -> range:
        least, most = self._rules.ranges[name]
        return range(least, (least + TRIED if most is None else min(most, least + TRIED)) + 1)

    def _with(self, name: str, size: int) -> Sizes:
        return {**self._rules.example, name: size}

    def _holds(self, conditions: Sequence[Condition], sizes: Sizes) -> bool:
        if time.process_time() > self._deadline:
            raise LateError
        return all(each.holds(sizes) for each in conditions)


def _length(condition: Condition) -> int:
    return len(condition.guard)
