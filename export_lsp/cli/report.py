"""The report of a check, and the phrases that output formats share."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from export_lsp.engine.fixing import FixFound
from export_lsp.engine.fixing.search import OPTIONAL
from export_lsp.findings import Problem
from export_lsp.fixes.proof import Fix
from export_lsp.fixes.ranking import ranked_offers
from export_lsp.protocol import Location, Outcome
from export_lsp.rules import Severity
from export_lsp.verdicts.verdict import Verdict, counted

ProblemKey = tuple[str, Location]
"""The rule and the location of a problem."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "information", "hint")
_NOUNS = {"information": "note"}


@dataclass(frozen=True)
class CheckedTarget:
    """A target that was checked.

    `file` declares it.  `outcome` is None if the check broke off before its end.
    """

    file: str
    name: str
    seconds: float
    outcome: Outcome | None = None

    def label(self, folder: Path) -> str:
        """Return the target's name among those of all files, as in `Problem.targets`."""
        return f"{shown_path(self.file, folder)}::{self.name}"


@dataclass(frozen=True)
class FileVerdict:
    """The verdict on a target, or on a file without targets: `name` is "" then."""

    file: str
    name: str
    verdict: Verdict
    outcome: Outcome | None = None

    def label(self, folder: Path) -> str:
        """Return the target's name among those of all files, or the path of the file."""
        path = shown_path(self.file, folder)
        return f"{path}::{self.name}" if self.name else path


@dataclass(frozen=True)
class Verdicts:
    """The verdicts of a report, and how many other files are not checked, by the reason."""

    shown: tuple[FileVerdict, ...]
    unchecked: Mapping[str, int]


@dataclass(frozen=True)
class Report:
    """The problems that a check has found, ready to be shown.

    Attributes:
        problems: The problems, by file and position.
        files: The files that were checked.
        targets: The targets that were checked.
        folder: The folder that shown paths start from.
        fixes: The fixes of all findings.
        ignored: The problems that comments ignore; they are not among the others.
        known: The problems that are in the baseline; they are not among the others.
        verdicts: The verdicts to show, None for none.
        unfinished: The files whose checks have not come to their end.
        printed: The problems that the user has been shown already.
    """

    problems: tuple[Problem, ...]
    files: tuple[str, ...]
    targets: tuple[CheckedTarget, ...]
    folder: Path
    fixes: tuple[FixFound, ...] = ()
    ignored: tuple[Problem, ...] = ()
    known: tuple[Problem, ...] = ()
    verdicts: Verdicts | None = None
    unfinished: tuple[str, ...] = ()
    printed: frozenset[ProblemKey] = frozenset()

    def fixes_of(self, problem: Problem) -> tuple[Fix, ...]:
        """Return the fixes of a problem, the best first."""
        ranked = ranked_offers(problem, ((each.finding, (each,)) for each in self.fixes))
        return tuple(found.fix for found in ranked)

    @property
    def failed(self) -> bool:
        """True if there is an error or a warning; information and hints fail nothing."""
        return any(problem.severity in ("error", "warning") for problem in self.problems)

    @property
    def checked_anything(self) -> bool:
        """True if a target was checked, or a file could not be."""
        return bool(self.targets) or self.failed


def key_of(problem: Problem) -> ProblemKey:
    """Return the rule and the location of a problem."""
    return problem.rule, problem.location


def shown_path(file: str, folder: Path) -> str:
    """Return a path relative to `folder`, or as it is if it lies elsewhere."""
    try:
        return str(Path(file).relative_to(folder))
    except ValueError:
        return file


def uri_path(file: str, folder: Path) -> str | None:
    """Return a path relative to `folder` with forward slashes, None if it lies elsewhere."""
    shown = shown_path(file, folder)
    return None if os.path.isabs(shown) else Path(shown).as_posix()


def modes_and_targets(problem: Problem) -> str:
    """Return what met a problem: "non-strict and strict mode, target model.py::model"."""
    modes = f"{' and '.join(problem.modes)} mode" if problem.modes else ""
    targets = _targets(problem.targets)
    return ", ".join(part for part in (modes, targets) if part)


def summary(report: Report) -> str:
    """Return the closing line: the number of problems, files and targets."""
    checked = f"{counted(len(report.targets), 'target')} checked"
    ignored = len(report.ignored)
    hidden = f", {counted(ignored, 'problem')} ignored" if ignored else ""
    if report.known:
        hidden += f", {len(report.known)} in the baseline"
    if report.unfinished:
        hidden += f", {counted(len(report.unfinished), 'file')} not checked to the end"
    if not report.problems and not report.targets:
        return f"{checked}{hidden}."
    if not report.problems:
        return f"No problems found; {checked} in {counted(len(report.files), 'file')}{hidden}."
    found = Counter(problem.severity for problem in report.problems)
    kinds = [counted(found[kind], _NOUNS.get(kind, kind)) for kind in SEVERITIES if found[kind]]
    files = len({problem.location.file for problem in report.problems})
    return (
        f"Found {counted(len(report.problems), 'problem')} ({', '.join(kinds)}) "
        f"in {counted(files, 'file')}; {checked}{hidden}.{_fixable(report)}"
    )


def _fixable(report: Report) -> str:
    """The number of problems that `--fix` fixes, by the best fix of each alone."""
    written = (
        [fix for fix in report.fixes_of(problem) if fix.kind not in OPTIONAL]
        for problem in report.problems
    )
    best = [fixes[0] for fixes in written if fixes]
    unverified = sum(fix.proof == "unverified" for fix in best)
    proved = sum(fix.is_safe for fix in best)
    parts = []
    if proved:
        parts.append(f"{proved} fixable with `--fix`")
    if unverified:
        more = "more" if proved else "fixable"
        parts.append(f"{unverified} {more} with `--fix --unsafe-fixes`")
    return f" {', '.join(parts)}." if parts else ""


def _targets(names: Sequence[str]) -> str:
    if not names:
        return ""
    return f"target{'s' if len(names) > 1 else ''} {', '.join(names)}"
