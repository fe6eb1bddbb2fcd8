"""How many of the annotated failures a check located, and how many torch names: pure counting.

A finding of ours is *located* if it has the annotation's rule and line, and *exact* if its range is
the annotation's too; one that answers to no annotation is a *false alarm*.  Of torch less is asked:
it *names* a failure if one of the lines it names lies in the statement of the annotation (in its
header, if it has a body), whatever it says of it.  A failure is out of torch's reach if its file
never gets to an export: it does not import, has no target, or its model cannot be made.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.corpus_annotations import Expected, Reported

# The columns of the table and the tools whose lines count in each: a person may try both modes.
COLUMNS: dict[str, tuple[str, ...]] = {
    "non-strict": ("non-strict",),
    "strict": ("strict",),
    "either": ("non-strict", "strict"),
    "draft_export": ("draft_export",),
}


@dataclass(frozen=True)
class Failure:
    """One annotation, and who found it; `named` has the columns that name its line."""

    expected: Expected
    located: bool
    exact: bool
    named: frozenset[str]


@dataclass(frozen=True)
class Judged:
    """One file; `reached` has the columns that got to an export, `complained` those that failed."""

    name: str
    failures: tuple[Failure, ...]
    false_alarms: tuple[Reported, ...]
    reached: frozenset[str]
    complained: frozenset[str]

    @property
    def control(self) -> bool:
        return not self.failures


@dataclass(frozen=True)
class Row:
    """The counts of a rule, or of all.

    `named` and `within_reach` are by column; false alarms count under the rule they were reported
    as.
    """

    rule: str
    findings: int
    located: int
    exact: int
    on_controls: int
    elsewhere: int
    within_reach: Mapping[str, int]
    named: Mapping[str, int]


@dataclass(frozen=True)
class Heard:
    """What a tool said: whether it got to an export, whether it complained, the lines it named."""

    reached: bool
    complained: bool
    lines: frozenset[int]


def judge(
    name: str,
    text: str,
    expected: Sequence[Expected],
    got: Sequence[Reported],
    heard: Mapping[str, Heard],
) -> Judged:
    """Compare what a file states with what was found and said of it."""
    alarms = list(got)
    matches: dict[int, Reported] = {}
    # Exact ranges first, so that of two findings on a line each meets its own annotation.
    for same_range in (True, False):
        for index, item in enumerate(expected):
            if index in matches:
                continue
            match = next((found for found in alarms if _answers(found, item, same_range)), None)
            if match is not None:
                matches[index] = match
                alarms.remove(match)
    statements = statement_of_lines(text)
    return Judged(
        name,
        tuple(
            Failure(
                item,
                index in matches,
                index in matches and matches[index].text == item.text,
                _columns(tool for tool in heard if _names(heard[tool], item.line, statements)),
            )
            for index, item in enumerate(expected)
        ),
        tuple(alarms),
        _columns(tool for tool in heard if heard[tool].reached),
        _columns(tool for tool in heard if heard[tool].complained),
    )


def rows(files: Iterable[Judged]) -> list[Row]:
    """A row for each rule that was stated or reported, in alphabetical order."""
    files = list(files)
    stated = {failure.expected.rule for file in files for failure in file.failures}
    reported = {alarm.rule for file in files for alarm in file.false_alarms}
    return [_row(rule, files, {rule}) for rule in sorted(stated | reported)]


def total(files: Iterable[Judged]) -> Row:
    files = list(files)
    stated = {failure.expected.rule for file in files for failure in file.failures}
    reported = {alarm.rule for file in files for alarm in file.false_alarms}
    return _row("all", files, stated | reported)


def several(files: Iterable[Judged]) -> list[Judged]:
    """The files that state several failures."""
    return [file for file in files if len(file.failures) > 1]


def statement_of_lines(text: str) -> dict[int, int]:
    """For each line of a statement, or of the header of one that has a body, its first line."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return {}
    lines: dict[int, int] = {}
    for node in ast.walk(tree):  # outer statements come before those inside them
        if isinstance(node, ast.stmt):
            body = getattr(node, "body", None)
            end = max(node.lineno, body[0].lineno - 1) if body else node.end_lineno or node.lineno
            lines.update((line - 1, node.lineno - 1) for line in range(node.lineno, end + 1))
    return lines


def _row(rule: str, files: Sequence[Judged], rules: set[str]) -> Row:
    found = [
        (file, failure)
        for file in files
        for failure in file.failures
        if failure.expected.rule in rules
    ]
    alarms = [file.control for file in files for alarm in file.false_alarms if alarm.rule in rules]
    return Row(
        rule,
        findings=len(found),
        located=sum(failure.located for _, failure in found),
        exact=sum(failure.exact for _, failure in found),
        on_controls=sum(alarms),
        elsewhere=len(alarms) - sum(alarms),
        within_reach={
            column: sum(column in file.reached for file, _ in found) for column in COLUMNS
        },
        named={column: sum(column in failure.named for _, failure in found) for column in COLUMNS},
    )


def _answers(found: Reported, expected: Expected, same_range: bool) -> bool:
    return (found.rule, found.line) == (expected.rule, expected.line) and (
        found.text == expected.text or not same_range
    )


def _columns(tools: Iterable[str]) -> frozenset[str]:
    """The columns that one of the tools counts in."""
    chosen = set(tools)
    return frozenset(column for column, theirs in COLUMNS.items() if chosen.intersection(theirs))


def _names(tool: Heard, line: int, statements: Mapping[int, int]) -> bool:
    wanted = statements.get(line, line)
    return any(statements.get(named, named) == wanted for named in tool.lines)
