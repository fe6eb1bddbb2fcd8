"""The record of one eager run of a model."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from export_lsp.protocol import Location
from export_lsp.worker.data.eager_values import NOT_EVALUATED, Number
from export_lsp.worker.data.frame import Stack
from export_lsp.worker.text.exception_text import text_of

# The expression that made a number, and the kind of operator (`private.data_operators`).
NumberKey = tuple[Location, str]


@dataclass(frozen=True)
class EagerError:
    """The exception that ended an eager run.

    `kind` is its class's name, `stack` is the one that it was raised from.
    """

    kind: str
    text: str
    is_assertion: bool
    stack: Stack

    @classmethod
    def of(cls, error: BaseException, stack: Stack) -> EagerError:
        return cls(type(error).__name__, text_of(error), isinstance(error, AssertionError), stack)


@dataclass(frozen=True)
class EagerRecord:
    """The values and the error of one eager run.

    `values` has, for every expression of the user's, the values it evaluated to, in order and as
    `eager_values.record_value` makes them.  `numbers` has the numbers that were read from tensors'
    data.  `error` is the exception that ended the run, None if it ran to its end.  A run that could
    not be made leaves an empty record.
    """

    values: dict[Location, list[Any]] = field(default_factory=dict)
    numbers: dict[NumberKey, list[Number]] = field(default_factory=dict)
    error: EagerError | None = None

    def number(self, location: Location, kind: str, index: int) -> Number | None:
        """Return the number that an expression read for the `index`-th time; None if unknown.

        `index` counts from 0.  One past the last number starts over: later passes over a graph make
        the same symbols again, in the same order.
        """
        numbers = self.numbers.get((location, kind))
        return numbers[index % len(numbers)] if numbers else None

    def value(self, location: Location, index: int) -> Any:
        """Return the value of an expression for the `index`-th time, or its last one.

        `index` counts from 0.  `NOT_EVALUATED` is returned if there is no value.
        """
        kept = self.values.get(location)
        return kept[min(index, len(kept) - 1)] if kept else NOT_EVALUATED
