"""A file to check, and the result of its check."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from export_lsp.cli.report import CheckedTarget
from export_lsp.engine.files import disk
from export_lsp.engine.files.checked_sources import CheckedSources
from export_lsp.engine.files.missing_files import may_be_missing_module
from export_lsp.engine.fixing import Event, FixAllFound, FixFound
from export_lsp.engine.recall import Resources
from export_lsp.findings import Problem, merge
from export_lsp.ignores import Ignores, is_complete
from export_lsp.protocol import (
    MODES,
    Costs,
    Exited,
    Finding,
    Finished,
    Found,
    Graph,
    GraphLevel,
    Insight,
    Loaded,
    Mode,
    Outcome,
    StageEntered,
    TargetEnded,
    TargetStarted,
    Value,
)
from export_lsp.settings import Resolved


@dataclass(frozen=True)
class Job:
    """A file to check, and the workspace folder whose settings apply to it.

    `named` is True if the user has named the file itself, and not a folder that contains it.
    `graph` is the level of the graphs to report, None for none.
    """

    file: Path
    folder: Path
    resolved: Resolved
    named: bool
    graph: GraphLevel | None = None

    def shows(self, finding: Finding) -> bool:
        """Return whether a finding becomes a problem.

        A file that was found in a folder may well have no target.
        """
        if finding.rule == "no-target" and not self.named:
            return False
        return self.resolved.settings.severities.get(finding.rule) != "off"


@dataclass
class JobResult:
    """The result of a job; while the check goes on, its result so far.

    Attributes:
        job: The job.
        report_folder: The folder that the paths of the report start from.
        texts: The texts that the check reads in place of files on disk.
        sources: The user's files that it has read.
        findings: Its findings, with the labels of their targets.
        fixes: The fixes of these findings.
        fix_all: The fix of all problems.
        seconds: How long each target took.
        modes: The modes that each target was checked in, by the target's label.
        outcomes: The outcomes of the targets that were checked to their end.
        values: The values that the traces of targets had.
        costs: The operators and the costs of targets.
        graphs: The graphs of their programs, if the job asks for them.
        ended: True once the check has come to its end; fixes may still be looked for.
        remembered: True if it is the result of an earlier check.
        resources: The time and the memory that the check took, None for a remembered one.
    """

    job: Job
    report_folder: Path
    texts: Mapping[str, str] = field(default_factory=dict)
    sources: CheckedSources = field(init=False)
    findings: list[Finding] = field(default_factory=list)
    fixes: list[FixFound] = field(default_factory=list)
    fix_all: FixAllFound | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    modes: dict[str, set[Mode]] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    values: dict[str, tuple[Value, ...]] = field(default_factory=dict)
    costs: dict[str, Costs] = field(default_factory=dict)
    graphs: dict[str, Graph] = field(default_factory=dict)
    ended: bool = False
    remembered: bool = False
    resources: Resources | None = None
    _current: tuple[str, float] | None = field(default=None, init=False)
    """The current target, and when it was started."""

    def __post_init__(self) -> None:
        self.sources = CheckedSources(self.texts)

    def note(self, event: Event) -> None:
        """Record an event of the check or of the search for fixes."""
        if isinstance(event, TargetStarted):
            self._end_target()
            self._current = event.target, time.monotonic()
        elif isinstance(event, StageEntered) and event.mode is not None:
            self.modes.setdefault(self.label(event.target), set()).add(event.mode)
        elif isinstance(event, Found):
            if self.job.shows(event.finding) and not event.early:
                self.findings.append(self._labelled(event.finding))
        elif isinstance(event, TargetEnded):
            self.outcomes[event.outcome.target] = event.outcome
        elif isinstance(event, Insight):
            self.values[event.target] = event.values
        elif isinstance(event, Costs):
            self.costs[event.target] = event
        elif isinstance(event, Graph):
            self.graphs[event.target] = event
        elif isinstance(event, Loaded):
            self.sources.digests.update(event.files)
        elif isinstance(event, Finished):
            self.resources = Resources(event.seconds, event.peak_memory)
        elif isinstance(event, Exited):
            self._end_target()
            self.ended = True
        elif isinstance(event, FixFound):
            self.fixes.append(FixFound(self._labelled(event.finding), event.fix))
        elif isinstance(event, FixAllFound):
            self.fix_all = event

    def may_have_missed(self, file: Path) -> bool:
        """Return whether a file may be a module that could not be imported."""
        return any(may_be_missing_module(file, finding) for finding in self.findings)

    def targets(self) -> list[CheckedTarget]:
        """Return the targets that were checked."""
        return [
            CheckedTarget(str(self.job.file), name, seconds, self.outcomes.get(name))
            for name, seconds in self.seconds.items()
        ]

    def _end_target(self) -> None:
        if self._current is not None:
            target, started = self._current
            spent = time.monotonic() - started
            self.seconds[target] = self.seconds.get(target, 0.0) + spent
            self._current = None

    def problems(self) -> list[Problem]:
        """Return the problems of this check alone, those that are not ignored."""
        found = _merged([self])
        return Ignores(lambda file: disk.lines(file) or ()).remaining(found)

    def _labelled(self, finding: Finding) -> Finding:
        return replace(finding, target=self.label(finding.target)) if finding.target else finding

    def label(self, target: str) -> str:
        """Return a target's name among those of all files, as in `Problem.targets`."""
        return CheckedTarget(str(self.job.file), target, 0.0).label(self.report_folder)


@dataclass(frozen=True)
class Problems:
    """The problems of a batch by file and position, and those that are ignored."""

    shown: tuple[Problem, ...]
    ignored: tuple[Problem, ...]


def problems_of(results: Sequence[JobResult]) -> Problems:
    """Return all problems.

    The findings of each workspace folder are merged under its own settings.
    """
    ignores = Ignores(lambda file: disk.lines(file) or ())
    found = [problem for own in _by_folder(results) for problem in _merged(own)]
    shown = ignores.remaining(found)
    ignored = tuple(each for each in found if each not in shown)
    for own in _by_folder(results):
        severities = own[0].job.resolved.settings.severities
        for file in {file for result in own for file in result.sources.digests}:
            complete = _is_complete(file, own)
            unused = ignores.unused(file, complete=complete, severities=severities)
            shown += merge(unused, modes=MODES, severities=severities)
    shown.sort(key=lambda problem: (problem.location.file, problem.location.start))
    return Problems(tuple(shown), ignored)


def _by_folder(results: Sequence[JobResult]) -> Iterator[list[JobResult]]:
    for folder in {result.job.folder: None for result in results}:
        yield [result for result in results if result.job.folder == folder]


def _merged(results: Sequence[JobResult]) -> list[Problem]:
    settings = results[0].job.resolved.settings
    return merge(
        (finding for result in results for finding in result.findings),
        modes=settings.modes,
        severities=settings.severities,
        target_modes={label: modes for result in results for label, modes in result.modes.items()},
    )


def _is_complete(file: str, results: Sequence[JobResult]) -> bool:
    """Return whether the checks that read a file have met all problems that it may have.

    If the user has named other files, its own targets must have been checked.
    """
    reading = [result for result in results if file in result.sources.digests]
    own = any(str(result.job.file) == file or not result.job.named for result in reading)
    return own and all(
        result.ended
        and result.seconds
        and set(MODES) == set(result.job.resolved.settings.modes)
        and is_complete(finding.rule for finding in result.findings)
        for result in reading
    )
