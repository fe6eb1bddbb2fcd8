"""Shows how far a batch is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from export_lsp.cli.jobs import Job, JobResult
from export_lsp.engine.fixing import Event
from export_lsp.protocol import Exited, StageEntered
from export_lsp.safe_text import one_line
from export_lsp.stages import TABLE
from export_lsp.verdicts.verdict import counted

# The most checks that are named; the others are only counted.
NAMED = 2
# Seconds between two lines where there is no terminal.
LINE_SECONDS = 30.0


@asynccontextmanager
async def batch_progress(console: Console) -> AsyncIterator[BatchProgress]:
    """Context manager whose value shows the progress of a batch on stderr or a terminal."""
    progress = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[left]}", markup=False),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    shown = BatchProgress(progress)
    lines = None
    if not console.is_terminal:
        lines = asyncio.ensure_future(_print_lines(shown, console))
    try:
        with progress:
            yield shown
    finally:
        if lines is not None:
            lines.cancel()
            await asyncio.gather(lines, return_exceptions=True)


async def _print_lines(progress: BatchProgress, console: Console) -> None:
    while True:
        await asyncio.sleep(LINE_SECONDS)
        if progress.line is not None:
            console.print(progress.line, markup=False, highlight=False, soft_wrap=True)


class BatchProgress:
    """A `BatchObserver` that shows what is being checked, and how long the rest may take."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bar = progress.add_task("", total=None, visible=False, left="")
        self._time = TimeLeft({}, 1)
        self._doing: dict[Path, str] = {}
        self._total = self._done = self._with_problems = 0

    def begin(self, seconds: Mapping[Path, float], at_once: int) -> None:
        self._time = TimeLeft(seconds, at_once)
        self._total = self._done + len(seconds)
        self._progress.update(self._bar, total=self._total, visible=bool(seconds))
        self._progress.update(self._bar, description="Importing torch …")

    def started(self, job: Job) -> None:
        self._time.start(job.file)
        self._doing[job.file] = "starting"
        self._show()

    def event(self, job: Job, event: Event) -> None:
        if isinstance(event, StageEntered):
            self._doing[job.file] = doing(event)
        elif isinstance(event, Exited):
            self._doing[job.file] = "looking for fixes"
        else:
            return
        self._show()

    def checked(self, result: JobResult) -> None:
        self._done += 1
        self._with_problems += bool(result.findings)
        self._time.end(result.job.file)
        self._progress.update(self._bar, completed=self._done)
        self._show()

    def ended(self, job: Job) -> None:
        self._doing.pop(job.file, None)
        self._show()

    @property
    def line(self) -> str | None:
        """The progress in one line, None as long as nothing is checked."""
        if not self._doing:
            return None
        failed = f", {self._with_problems} with problems" if self._with_problems else ""
        left = f"; {self._time.text}" if self._time.text else ""
        done = f"{self._done} of {counted(self._total, 'file')} checked{failed}{left}"
        return f"{done}; {_named(self._doing)}"

    def _show(self) -> None:
        self._progress.update(self._bar, left=self._time.text)
        if self._doing:
            self._progress.update(self._bar, description=_named(self._doing))


def doing(event: StageEntered) -> str:
    """Return what a check does in a stage, and in which mode."""
    mode = f" ({event.mode})" if event.mode else ""
    return f"{TABLE[event.stage].doing}{mode}"


def _named(checks: Mapping[Path, str]) -> str:
    """The checks in progress: the newest ones by their names."""
    names: Sequence[str] = [f"{one_line(file.name)}: {what}" for file, what in checks.items()]
    others = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[-NAMED:]) + others


class TimeLeft:
    """Estimates how long the rest of a batch takes.

    The estimates of single checks may be off, but so they were for the checks that have ended.

    Args:
        seconds: The estimated seconds of each check.
        at_once: How many are carried out at the same time.
    """

    def __init__(self, seconds: Mapping[Path, float], at_once: int) -> None:
        self._seconds = dict(seconds)
        self._at_once = at_once
        self._started: dict[Path, float] = {}
        self._estimated = self._taken = 0.0

    def start(self, file: Path) -> None:
        """Note that a check has begun."""
        self._started[file] = time.monotonic()

    def end(self, file: Path) -> None:
        """Note that a check has ended."""
        began = self._started.pop(file, None)
        estimated = self._seconds.pop(file, None)
        if began is not None and estimated is not None:
            self._estimated += estimated
            self._taken += time.monotonic() - began

    @property
    def text(self) -> str:
        """The rest, such as "about 3 min left"; "" until a check has ended."""
        if not self._estimated or not self._seconds:
            return ""
        left = {
            file: max(0.0, self._taken / self._estimated * seconds - self._time_of(file))
            for file, seconds in self._seconds.items()
        }
        seconds = max(sum(left.values()) / self._at_once, *left.values())
        return f"about {_duration(seconds)} left"

    def _time_of(self, file: Path) -> float:
        began = self._started.get(file)
        return time.monotonic() - began if began is not None else 0.0


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes / 60:.1f} h"
