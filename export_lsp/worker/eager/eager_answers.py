"""The example inputs' own answers, from one run in eager, made when the first is asked for."""

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
    """What a model does in eager on its example inputs."""

    def __init__(self, built: Built, attributes: ModelState, workspace: Workspace) -> None:
        self._built = built
        self._attributes = attributes
        self._workspace = workspace
        self._begun = False

    def start(self) -> None:
        """Let the model run beside the trace: its answers may be asked for.

        Not in a trial, whose edits are to leave no question: a fork takes time from the trace.
        """
        if not self._begun and not self._workspace.texts:
            self._begun = True  # before it is forked: symbols that the run makes begin nothing
            _ = self._running

    @functools.cached_property
    def record(self) -> EagerRecord:
        return self._running()

    @functools.cached_property
    def _running(self) -> Callable[[], EagerRecord]:
        return start_eager_run(self._built, self._attributes, self._workspace)

    def numbers(self, origins: Mapping[str, Origin]) -> dict[str, eager_values.Number]:
        """What unbacked symbols stand for, as far as that is known, by their names."""
        known = {}
        for name, origin in origins.items():
            place = origin.frames[-1].location
            number = self.record.number(place, origin.kind, origin.index)
            if number is not None:
                known[name] = number
        return known

    def value(self, location: Location, index: int) -> Any:
        """What an expression evaluated to for the `index`-th time."""
        return self.record.value(location, index)

    def truth(self, location: Location, index: int) -> bool | None:
        """The truth value of an expression for the `index`-th time; None if it is not known."""
        number = self.record.number(location, "local_scalar_dense", index)
        return (
            eager_values.truth_value(self.value(location, index))
            if number is None
            else bool(number)
        )
