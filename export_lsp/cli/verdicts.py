"""The verdicts of a report: on its targets, and on files without targets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby, islice
from pathlib import Path

from export_lsp.cli.nothing_checked import SEARCHED
from export_lsp.cli.report import FileVerdict, Report, Verdicts
from export_lsp.engine.unchecked import Unchecked, reason_unchecked, unchecked_in
from export_lsp.findings import Problem
from export_lsp.verdicts.files import FileFacts, file_verdict
from export_lsp.verdicts.targets import TargetFacts, target_verdict


def verdicts_of(report: Report, passed_over: Sequence[Path]) -> Verdicts:
    """Return the verdicts on all targets and checked files, by file.

    Args:
        report: The report.
        passed_over: Files that were not checked, as they declare no target.
    """
    on_targets = [
        FileVerdict(target.file, target.name, target_verdict(facts), target.outcome)
        for target in report.targets
        for facts in [
            TargetFacts(
                target.name,
                target.outcome,
                _of_target(report.problems, target.label(report.folder)),
                len(_of_target((*report.ignored, *report.known), target.label(report.folder))),
            )
        ]
    ]
    with_targets = {target.file for target in report.targets}
    without = [file for file in report.files if file not in with_targets]
    on_files = [FileVerdict(file, "", file_verdict(_facts(report, file))) for file in without]
    shown = sorted([*on_targets, *on_files], key=lambda each: each.file)
    return Verdicts(tuple(shown), _reasons(unchecked_in(islice(passed_over, SEARCHED))))


def _facts(report: Report, file: str) -> FileFacts:
    own = tuple(each for each in report.problems if not each.targets and each.location.file == file)
    return FileFacts((), own, reason_unchecked(unchecked_in([Path(file)])))


def _of_target(problems: Iterable[Problem], label: str) -> tuple[Problem, ...]:
    return tuple(problem for problem in problems if label in problem.targets)


def _reasons(found: Iterable[Unchecked]) -> Counter[str]:
    by_file = groupby(found, key=lambda each: each.file)
    return Counter(reason_unchecked(own) for _, own in by_file)
