"""The results of earlier checks, of the command line or of an editor, as results of jobs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from export_lsp.cli.jobs import Job, JobResult
from export_lsp.engine.checker import Checker
from export_lsp.engine.files import disk
from export_lsp.engine.files.directories import cache_directory, effective_umask
from export_lsp.engine.fixing import Budget, Event, FixAllFound, FixFound
from export_lsp.engine.recall import PastResult, Question, Recall
from export_lsp.engine.results.kinds import FINDING, OUTCOME
from export_lsp.engine.results.store import Results
from export_lsp.engine.scheduling.recording import lasting_result, record, settle
from export_lsp.engine.scheduling.run import Run
from export_lsp.engine.scheduling.slots import Slot
from export_lsp.protocol import Check, Exited, Finding, Loaded

# Seconds to wait for remembered results: longer than in an editor, as checks are slower.
PATIENCE = 30.0


class Remembered:
    """Finds the results of earlier checks, and keeps new ones where editors find them.

    `report_folder` is the folder that the paths of the report start from.
    """

    def __init__(self, report_folder: Path) -> None:
        effective_umask()  # the thread of `Recall` needs it
        self.recall = Recall(cache_directory(), patience=PATIENCE)
        self._report_folder = report_folder

    async def find(self, job: Job, checker: Checker, budget: Budget) -> JobResult | None:
        """Return the result of a job if all that it rests on is the same, None if it is unknown.

        A result is complete only if fixes were looked for as far as the budget asks for.
        """
        for question in _questions(job, checker, budget):
            past = await self.recall.find(question)
            if past is not None and (past.complete or not budget.candidates):
                return _job_result(past, job, self._report_folder)
        return None

    async def newest(self, job: Job, checker: Checker, budget: Budget) -> PastResult | None:
        """Return the newest result of a job, whether or not it still holds; None without one."""
        for question in _questions(job, checker, budget):
            past = await self.recall.newest(question)
            if past is not None:
                return past
        return None

    def recording(self, job: Job, checker: Checker, check: Check, budget: Budget) -> Recording:
        """Return a recording of a job's check, which begins now."""
        return Recording(self.recall, job, checker, check, budget)

    async def close(self) -> None:
        """Wait until new results are written."""
        await self.recall.close()


def _questions(job: Job, checker: Checker, budget: Budget) -> Iterator[Question]:
    """Yield the questions that a job's result answers, the one that is asked first."""
    interpreter = checker.python
    if interpreter is None:
        return
    check = job.resolved.check(job.folder, job.file)
    yield Question(check, budget, interpreter)
    if not budget.candidates:
        yield Question(check, checker.budget(), interpreter)


@dataclass
class Recording:
    """Records the events of a check and of its search for fixes, and keeps the result."""

    recall: Recall
    job: Job
    checker: Checker
    check: Check
    budget: Budget
    _results: Results = field(init=False)
    _run: Run = field(init=False)
    _digests: dict[str, str | None] = field(init=False)

    def __post_init__(self) -> None:
        self._results = Results(self.job.folder, lambda file: disk.lines(file) or [""])
        self._run = Run(self.check, self.budget, Slot(lambda: None))
        self._digests = disk.digests([str(self.job.file)])

    def note(self, event: Event) -> None:
        """Record an event; the last one of the check keeps its result."""
        record(self._results, self.job.file, self._run, event)
        if isinstance(event, Loaded):
            self._digests.update(event.files)
        elif isinstance(event, Exited):
            settle(self._results, self.job.file, self._run)
            tries_fixes = self._run.has_remedies and self.budget.candidates > 0
            self._keep(complete=not tries_fixes)

    def end(self) -> None:
        """Keep the result with its fixes: the search for them has come to its end."""
        self._keep(complete=True)

    def _keep(self, *, complete: bool) -> None:
        interpreter = self.checker.python
        result = lasting_result(
            self._results, self.job.file, self._run, self._digests, complete=complete
        )
        if result is not None and interpreter is not None:
            check = replace(self.check, run=0)
            self.recall.keep(Question(check, self.budget, interpreter), result, self._run.begun)


def _job_result(past: PastResult, job: Job, report_folder: Path) -> JobResult:
    """Return a remembered result as that of a job."""
    restored = past.restored()
    result = JobResult(job, report_folder, ended=True, remembered=True)
    result.sources.digests.update(past.digests)
    editors = Results(job.folder, lambda file: [])
    labels = {editors.label(job.file, each): result.label(each) for each in past.targets}
    for reported in restored.of(FINDING):
        finding: Finding = reported.value
        finding = replace(finding, target=labels.get(finding.target, finding.target))
        if not job.shows(finding):
            continue
        result.findings.append(finding)
        result.fixes += [FixFound(finding, offer.fix) for offer in reported.proved]
    for outcome in restored.of(OUTCOME):
        result.outcomes[outcome.value.target] = outcome.value
        result.seconds[outcome.value.target] = outcome.value.seconds
    for target, modes in past.modes.items():
        result.modes[result.label(target)] = set(modes)
    if restored.fix_all is not None:
        result.fix_all = FixAllFound(restored.fix_all.fix, 0)
    return result
