"""How results are written: one module a format.

Each has ``render(report) -> str``, but for text, which prints to a console.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from export_lsp.engine.fixing import FixFound
from export_lsp.findings import Problem
from export_lsp.fixes.proof import Fix
from export_lsp.fixes.ranking import ranked_offers
from export_lsp.rules import Severity

NAMES = ("text", "json", "sarif", "github", "junit")
_NOUNS = {"information": "note"}
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "information", "hint")


@dataclass(frozen=True)
class CheckedTarget:
    """A target that was checked: where it is declared and how long it took, in seconds."""

    file: str
    name: str
    seconds: float

    def label(self, folder: Path) -> str:
        """The target's name among those of all files, as in `Problem.targets`."""
        return f"{shown_path(self.file, folder)}::{self.name}"


@dataclass(frozen=True)
class Report:
    """The outcome of a check; `folder` is where shown paths start from."""

    problems: tuple[Problem, ...]
    files: tuple[str, ...]
    targets: tuple[CheckedTarget, ...]
    folder: Path
    offered: tuple[FixFound, ...] = ()

    def fixes_of(self, problem: Problem) -> tuple[Fix, ...]:
        """What is offered for a problem, the best first."""
        offers = ranked_offers(problem, ((each.finding, (each,)) for each in self.offered))
        return tuple(offer.fix for offer in offers)

    @property
    def failed(self) -> bool:
        """Whether there is an error or a warning; information and hints fail nothing."""
        return any(problem.severity in ("error", "warning") for problem in self.problems)


def shown_path(file: str, folder: Path) -> str:
    """The path relative to `folder` where it lies below it, else as it is."""
    try:
        return str(Path(file).relative_to(folder))
    except ValueError:
        return file


def summary(report: Report) -> str:
    """The closing line: how many problems in how many files, and what was checked."""
    checked = f"{_count(len(report.targets), 'target')} checked"
    if not report.problems:
        return f"No problems found; {checked} in {_count(len(report.files), 'file')}."
    found = Counter(problem.severity for problem in report.problems)
    kinds = [_count(found[kind], _NOUNS.get(kind, kind)) for kind in SEVERITIES if found[kind]]
    files = len({problem.location.file for problem in report.problems})
    return (
        f"Found {_count(len(report.problems), 'problem')} ({', '.join(kinds)}) "
        f"in {_count(files, 'file')}; {checked}.{_fixable(report)}"
    )


def _fixable(report: Report) -> str:
    """How many problems `--fix` mends, by what was proved for each alone."""
    best = [fixes[0].proof for p in report.problems if (fixes := report.fixes_of(p))]
    unsafe = best.count("unverified")
    said = []
    if len(best) > unsafe:
        said.append(f"{len(best) - unsafe} fixable with `--fix`")
    if unsafe:
        said.append(
            f"{unsafe} more with `--fix --unsafe-fixes`"
            if said
            else f"{unsafe} fixable with `--fix --unsafe-fixes`"
        )
    return f" {', '.join(said)}." if said else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def modes_and_targets(problem: Problem) -> str:
    """Who met the problem: "in non-strict and strict mode, target model.py::model"."""
    modes = f"{' and '.join(problem.modes)} mode" if problem.modes else ""
    targets = _targets(problem.targets)
    return ", ".join(part for part in (modes, targets) if part)


def _targets(names: Sequence[str]) -> str:
    if not names:
        return ""
    return f"target{'s' if len(names) > 1 else ''} {', '.join(names)}"


def uri_path(file: str, folder: Path) -> str | None:
    """The path below `folder` with forward slashes, None where it lies elsewhere."""
    shown = shown_path(file, folder)
    return None if os.path.isabs(shown) else Path(shown).as_posix()
