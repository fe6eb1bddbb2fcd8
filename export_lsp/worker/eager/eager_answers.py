"""Answers to the questions of a trace, from one eager run that starts with the first question."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from export_lsp.protocol import Location
from export_lsp.worker.data import eager_values
from export_lsp.worker.data.eager_record import EagerRecord
from export_lsp.worker.data.target import Built
from export_lsp.worker.eager.eager_run import start_eager_run
from export_lsp.worker.execution.model_state import ModelState
from export_lsp.worker.places.symbol_origins import Origin
from export_lsp.worker.user_code.workspace import Workspace


class EagerAnswers:
    """The values of a model's expressions in eager mode on its example inputs.

    `state` is the state of the model from before any trace.
    """

    def __init__(self, built: Built, state: ModelState, workspace: Workspace) -> None:
        self._built = built
        self._state = state
        self._workspace = workspace
        self._started = False

    def start(self) -> None:
        """Start the run now, beside the trace, because its answers may be needed.

        A trial does not: its edits are meant to leave no question, and a fork slows the trace.
        """
        if not self._started and not self._workspace.texts:
            self._started = True  # first: the run makes symbols, and a symbol calls `start`
            _ = self._run

    @functools.cached_property
    def record(self) -> EagerRecord:
        """The record of the run; the first access waits for it."""
        return self._run()

    @functools.cached_property
    def _run(self) -> Callable[[], EagerRecord]:
        return start_eager_run(self._built, self._state, self._workspace)

    def numbers(self, origins: Mapping[str, Origin]) -> dict[str, eager_values.Number]:
        """Return the numbers that unbacked symbols stand for, by symbol, as far as known."""
        known = {}
        for name, origin in origins.items():
            location = origin.stack.innermost
            if location is None:
                continue
            number = self.record.number(location, origin.kind, origin.index)
            if number is not None:
                known[name] = number
        return known

    def value(self, location: Location, index: int) -> Any:
        """Return the recorded value of an expression for the `index`-th time, from 0."""
        return self.record.value(location, index)

    def truth(self, location: Location, index: int) -> bool | None:
        """Return the truth value of an expression for the `index`-th time; None if unknown."""
        number = self.record.number(location, "local_scalar_dense", index)
        if number is not None:
            return bool(number)
        return eager_values.truth_value(self.value(location, index))
