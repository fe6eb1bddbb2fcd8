"""What a run in eager told: plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from export_lsp.protocol import Location
from export_lsp.worker.data.eager_values import NOT_EVALUATED, Number
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.text.exception_text import text_of

NumberKey = tuple[Location, str]


@dataclass(frozen=True)
class EagerError:
    """What eager raised, and the user's frames that it came through."""

    kind: str
    text: str
    is_assertion: bool
    frames: list[Frame]

    @classmethod
    def of(cls, error: BaseException, frames: list[Frame]) -> EagerError:
        return cls(type(error).__name__, text_of(error), isinstance(error, AssertionError), frames)


@dataclass(frozen=True)
class EagerRecord:
    """What a run in eager told.

    `values` are those of every expression of the user's that was evaluated, in order; `numbers`
    are those that came out of data, by the expression and the kind of operator.
    """

    values: dict[Location, list[Any]] = field(default_factory=dict)
    numbers: dict[NumberKey, list[Number]] = field(default_factory=dict)
    error: EagerError | None = None

    def number(self, location: Location, kind: str, index: int) -> Number | None:
        """The number that came out of data there for the `index`-th time; None if unknown.

        Later passes over the graph make the same symbols again, in the same order.
        """
        numbers = self.numbers.get((location, kind))
        return numbers[index % len(numbers)] if numbers else None

    def value(self, location: Location, index: int) -> Any:
        """What the expression there evaluated to for the `index`-th time."""
        kept = self.values.get(location)
        return kept[min(index, len(kept) - 1)] if kept else NOT_EVALUATED
