"""Prints problems as soon as the check of their file is over, and fixes as they are proved."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.text import Text

from export_lsp.cli.batch_observer import BatchObserver
from export_lsp.cli.formats import text
from export_lsp.cli.jobs import Job, JobResult
from export_lsp.cli.report import ProblemKey, Report, key_of
from export_lsp.engine.fixing import Event, FixFound
from export_lsp.safe_text import one_line


class LiveOutput:
    """A `BatchObserver` that prints to a terminal, and passes everything on to another.

    Args:
        observer: The other observer.
        console: The terminal.
        folder: The folder that shown paths start from.

    Attributes:
        printed: The problems that were printed.  One that several files meet is printed once.
    """

    def __init__(self, observer: BatchObserver, console: Console, folder: Path) -> None:
        self.printed: set[ProblemKey] = set()
        self._observer = observer
        self._console = console
        self._folder = folder

    def begin(self, seconds: Mapping[Path, float], at_once: int) -> None:
        self._observer.begin(seconds, at_once)

    def started(self, job: Job) -> None:
        self._observer.started(job)

    def event(self, job: Job, event: Event) -> None:
        self._observer.event(job, event)
        if isinstance(event, FixFound):
            self._print_fix(event)

    def checked(self, result: JobResult) -> None:
        self._observer.checked(result)
        fixes = tuple(result.fixes)
        problems = tuple(result.problems())
        report = Report(problems, (), (), self._folder, fixes)
        for problem in problems:
            if key_of(problem) not in self.printed:
                self.printed.add(key_of(problem))
                shown = text.render_problem(problem, report)
                self._console.print(shown, Text(), sep="\n", soft_wrap=True)

    def ended(self, job: Job) -> None:
        self._observer.ended(job)

    def _print_fix(self, found: FixFound) -> None:
        """Print a fix whose problem was printed without it."""
        if (found.finding.rule, found.finding.location) not in self.printed:
            return
        place = text.shown_place(found.finding.location, Report((), (), (), self._folder))
        line = Text.assemble((place, "bold"), ": ", ("fix", "bold"), ": ")
        line.append(one_line(found.fix.title))
        self._console.print(line, Text(), sep="\n", soft_wrap=True)
