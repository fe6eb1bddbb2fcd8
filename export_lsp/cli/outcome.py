"""What is checked for a file, and what has come of it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from export_lsp.cli.formats import CheckedTarget
from export_lsp.engine.files.checked_sources import CheckedSources
from export_lsp.engine.files.missing_files import may_be_missing_module
from export_lsp.engine.fixing import Event, FixAllFound, FixFound
from export_lsp.findings import Problem, merge
from export_lsp.protocol import (
    Exited,
    Finding,
    Found,
    Loaded,
    Mode,
    StageEntered,
    TargetStarted,
)
from export_lsp.settings import Resolved


@dataclass(frozen=True)
class Job:
    """A file to check and the workspace folder whose settings it has.

    `named` is false for a file found in a folder: having no target is then no news.
    """

    file: Path
    folder: Path
    resolved: Resolved
    named: bool

    def shows(self, finding: Finding) -> bool:
        """Whether a finding becomes a problem."""
        if finding.rule == "no-target" and not self.named:
            return False
        return self.resolved.settings.severities.get(finding.rule) != "off"


@dataclass
class Outcome:
    """What the check of one job has said so far.

    `texts` are what it took files to say that say something else on disk, `sources` all files of
    the user's that it read.
    """

    job: Job
    here: Path
    texts: Mapping[str, str]
    sources: CheckedSources = field(init=False)
    findings: list[Finding] = field(default_factory=list)
    offers: list[FixFound] = field(default_factory=list)
    whole: FixAllFound | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    modes: dict[str, list[Mode]] = field(default_factory=dict)
    _started: float = 0.0
    _target: str | None = None

    def __post_init__(self) -> None:
        self.sources = CheckedSources(self.texts)

    def note(self, event: Event) -> None:
        if isinstance(event, TargetStarted):
            self._end_target()
            self._target, self._started = event.target, time.monotonic()
        elif isinstance(event, StageEntered) and event.mode is not None:
            self.modes.setdefault(self._label(event.target), []).append(event.mode)
        elif isinstance(event, Found):
            if self.job.shows(event.finding) and not event.early:
                self.findings.append(self._labelled(event.finding))
        elif isinstance(event, Loaded):
            self.sources.digests.update(event.files)
        elif isinstance(event, Exited):
            self._end_target()
        elif isinstance(event, FixFound):
            self.offers.append(FixFound(self._labelled(event.finding), event.fix))
        elif isinstance(event, FixAllFound):
            self.whole = event

    def misses(self, file: Path) -> bool:
        """Whether a file may be a module that could not be imported."""
        return any(may_be_missing_module(file, finding) for finding in self.findings)

    def targets(self) -> list[CheckedTarget]:
        return [CheckedTarget(str(self.job.file), *item) for item in self.seconds.items()]

    def _end_target(self) -> None:
        if self._target is not None:
            spent = time.monotonic() - self._started
            self.seconds[self._target] = self.seconds.get(self._target, 0.0) + spent
            self._target = None

    def _labelled(self, finding: Finding) -> Finding:
        return replace(finding, target=self._label(finding.target)) if finding.target else finding

    def _label(self, target: str) -> str:
        return CheckedTarget(str(self.job.file), target, 0.0).label(self.here)


def problems(outcomes: Sequence[Outcome]) -> list[Problem]:
    """All problems by file and position; each folder's findings under its own settings."""
    found: list[Problem] = []
    for folder in {outcome.job.folder: None for outcome in outcomes}:
        mine = [outcome for outcome in outcomes if outcome.job.folder == folder]
        settings = mine[0].job.resolved.settings
        found += merge(
            (finding for outcome in mine for finding in outcome.findings),
            modes=settings.modes,
            severities=settings.severities,
            target_modes={label: set(m) for o in mine for label, m in o.modes.items()},
        )
    return sorted(found, key=lambda problem: (problem.location.file, problem.location.start))
