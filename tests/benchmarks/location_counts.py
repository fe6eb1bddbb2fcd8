"""Count the annotated failures that a check locates, and those that torch names.

A check *locates* a failure if a finding has the annotation's rule and line; it is *exact* if the
range is the annotation's too.  A finding without an annotation is a *false alarm*.  Torch *names* a
failure if a line that it names lies in the annotated statement (in its header, if it has a body);
what torch says about the line does not matter.  A failure is within torch's *reach* if its file
gets as far as an export: it imports, has a target, and the model can be built.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tests.corpus_annotations import Expected, Reported

# The tools whose lines count in each column of the table; a user may try both modes.
COLUMNS: dict[str, tuple[str, ...]] = {
    "non-strict": ("non-strict",),
    "strict": ("strict",),
    "either": ("non-strict", "strict"),
    "draft_export": ("draft_export",),
}


@dataclass(frozen=True)
class Failure:
    """One annotation: if a check located it, and exactly, and the columns that named it."""

    expected: Expected
    located: bool
    exact: bool
    named: frozenset[str]


@dataclass(frozen=True)
class FileResult:
    """The counts of a file, the columns that reached an export, and those that complained."""

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
    """The counts of a rule, or of all rules.

    `named` and `within_reach` are by column.  `on_controls` and `elsewhere` are false alarms, which
    count under the rule that they report.
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
class ToolResult:
    """The result of a tool: if it reached an export, if it complained, and the lines it named."""

    reached: bool
    complained: bool
    lines: frozenset[int]


def compare(
    name: str,
    text: str,
    expected: Sequence[Expected],
    found: Sequence[Reported],
    tools: Mapping[str, ToolResult],
) -> FileResult:
    """Compare the annotations of a file with our findings and with the tools' results.

    Args:
        name: the file's name in tables.
        text: its text.
        expected: its annotations.
        found: our findings.
        tools: the result of each tool.
    """
    alarms = list(found)
    matches: dict[int, Reported] = {}
    # Exact ranges first, so that two findings on one line match their own annotations.
    for same_range in (True, False):
        for index, item in enumerate(expected):
            if index in matches:
                continue
            match = next((each for each in alarms if _matches(each, item, same_range)), None)
            if match is not None:
                matches[index] = match
                alarms.remove(match)
    statements = statement_of_lines(text)
    return FileResult(
        name,
        tuple(
            Failure(
                item,
                index in matches,
                index in matches and matches[index].text == item.text,
                _columns(tool for tool in tools if _names(tools[tool], item.line, statements)),
            )
            for index, item in enumerate(expected)
        ),
        tuple(alarms),
        _columns(tool for tool in tools if tools[tool].reached),
        _columns(tool for tool in tools if tools[tool].complained),
    )


def rows(files: Iterable[FileResult]) -> list[Row]:
    """Return a row for each rule that is annotated or reported, in alphabetical order."""
    files = list(files)
    stated = {failure.expected.rule for file in files for failure in file.failures}
    reported = {alarm.rule for file in files for alarm in file.false_alarms}
    return [_row(rule, files, {rule}) for rule in sorted(stated | reported)]


def total(files: Iterable[FileResult]) -> Row:
    files = list(files)
    stated = {failure.expected.rule for file in files for failure in file.failures}
    reported = {alarm.rule for file in files for alarm in file.false_alarms}
    return _row("all", files, stated | reported)


def several(files: Iterable[FileResult]) -> list[FileResult]:
    """Return the files with several annotations."""
    return [file for file in files if len(file.failures) > 1]


def statement_of_lines(text: str) -> dict[int, int]:
    """Map each line of a statement to its first line; of compound statements, only the header's."""
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


def _row(rule: str, files: Sequence[FileResult], rules: set[str]) -> Row:
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


def _matches(found: Reported, expected: Expected, same_range: bool) -> bool:
    return (found.rule, found.line) == (expected.rule, expected.line) and (
        found.text == expected.text or not same_range
    )


def _columns(tools: Iterable[str]) -> frozenset[str]:
    """Return the columns in which any of the tools counts."""
    chosen = set(tools)
    return frozenset(column for column, theirs in COLUMNS.items() if chosen.intersection(theirs))


def _names(tool: ToolResult, line: int, statements: Mapping[int, int]) -> bool:
    wanted = statements.get(line, line)
    return any(statements.get(named, named) == wanted for named in tool.lines)
