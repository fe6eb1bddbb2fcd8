"""The interface of those that are notified of what happens in a batch of checks."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from export_lsp.cli.jobs import Job, JobResult
from export_lsp.engine.fixing import Event


class BatchObserver(Protocol):
    """Is notified of what happens in a batch; must not block."""

    def begin(self, seconds: Mapping[Path, float], at_once: int) -> None:
        """Checks that take about these seconds are about to begin, by their files."""

    def started(self, job: Job) -> None:
        """A check has begun."""

    def event(self, job: Job, event: Event) -> None:
        """A check, or its search for fixes, has reported this."""

    def checked(self, result: JobResult) -> None:
        """A check has come to its end, or its result is remembered."""

    def ended(self, job: Job) -> None:
        """A check has come to its end, and the search for its fixes as well."""
