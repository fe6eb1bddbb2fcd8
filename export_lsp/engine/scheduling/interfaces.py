"""The interfaces of the parts that a schedule works with."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Protocol

from export_lsp.engine.hosts import UnusableInterpreterError
from export_lsp.engine.interpreters import InterpreterError
from export_lsp.engine.recall import PastResult, Question
from export_lsp.protocol import Check, RunEvent

CarryOut = Callable[[Check], AsyncGenerator[RunEvent, None]]
"""Yields the events of a check, the last one its `Exited`; closing the generator kills the run."""


class Reporter(Protocol):
    """Receives what happens in a schedule.  Called on the event loop; must not block."""

    def results_changed(self, files: set[str]) -> None:
        """Findings in these files have come or gone."""

    def started(self, owner: Path) -> None:
        """A run has started."""

    def event(self, owner: Path, event: RunEvent) -> None:
        """The check of a run has reported this; the results have it already."""

    def fixing(self, owner: Path) -> None:
        """The results of a run stand; candidates for fixes are still tried."""

    def ended(self, owner: Path) -> None:
        """A run has ended, however it ended, or a waiting one was cancelled."""

    def recalled(self, owner: Path) -> None:
        """A remembered result is shown in place of a run."""

    def unusable(self, error: UnusableInterpreterError | InterpreterError) -> None:
        """A run could not be carried out, since no interpreter can check models."""


class Memory(Protocol):
    """Keeps the results of earlier checks, by what they rest on."""

    async def find(self, question: Question) -> PastResult | None:
        """Return a result that rests on the files as they are on disk, None if there is none."""

    def keep(self, question: Question, result: PastResult, begun: float) -> None:
        """Keep the result of a run that began at this time (`time.time`)."""
