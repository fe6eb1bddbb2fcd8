"""Comments that ignore problems: ``# export-lsp: ignore[rule, rule] reason``.

A comment ignores the problems of its rules whose range begins or ends in its line.  One that
ignores nothing is a problem itself, so that none outlives its reason.
"""

from __future__ import annotations

import functools
import io
import re
import tokenize
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from export_lsp import titles
from export_lsp.findings import Problem
from export_lsp.protocol import Finding, Location, Position, RuleCode
from export_lsp.source import without_line_end
from export_lsp.spelling import nearest

RULE: RuleCode = "unused-ignore"

_COMMENT = re.compile(r"#\s*export-lsp:\s*ignore\b(?:\[(?P<rules>[^\]]*)\])?[\s:]*(?P<reason>.*)")

# After a problem of these rules a check has not seen all that an export would meet.
_ENDS_EARLY: frozenset[RuleCode] = frozenset(
    {
        "build-error",
        "forward-error",
        "internal-error",
        "invalid-dynamic-shapes",
        "invalid-input",
        "load-error",
        "no-target",
        "out-of-memory",
        "timeout",
        "worker-crash",
    }
)


@dataclass(frozen=True)
class IgnoreComment:
    """A comment that ignores problems.

    `line` and the columns count from 0, the columns in code points.  `rules` are the words in
    brackets, whether or not they are rules; `rules_end` is the column of the closing bracket, None
    if there are no brackets.
    """

    line: int
    start: int
    end: int
    rules_end: int | None
    rules: tuple[str, ...]
    reason: str

    def covers(self, rule: RuleCode, location: Location) -> bool:
        """Return whether the comment ignores a problem of a rule at a location."""
        return rule in self.rules and self.line in (location.start.line, location.end.line)


def comments_in(lines: Sequence[str]) -> tuple[IgnoreComment, ...]:
    """Return the comments of a file that ignore problems, in order."""
    if not any("export-lsp:" in line for line in lines):
        return ()
    return _comments_in("\n".join(without_line_end(line) for line in lines))


@functools.lru_cache(maxsize=64)
def _comments_in(text: str) -> tuple[IgnoreComment, ...]:
    return tuple(_comments(text))


def _comments(text: str) -> Iterator[IgnoreComment]:
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT and (match := _COMMENT.search(token.string)):
                words = (word.strip() for word in (match["rules"] or "").split(","))
                line, column = token.start
                yield IgnoreComment(
                    line - 1,
                    column + match.start(),
                    token.end[1],
                    column + match.end("rules") if match["rules"] is not None else None,
                    tuple(word for word in words if word),
                    match["reason"].strip(),
                )
    except (tokenize.TokenError, SyntaxError):
        return  # the rest does not parse; that is a problem of its own


class Ignores:
    """Applies the comments of some files; `lines_of` returns the lines of a file."""

    def __init__(self, lines_of: Callable[[str], Sequence[str]]) -> None:
        self._lines_of = lines_of
        self._by_file: dict[str, tuple[IgnoreComment, ...]] = {}
        self._used: set[tuple[str, IgnoreComment, str]] = set()

    def remaining(self, problems: Iterable[Problem]) -> list[Problem]:
        """Return the problems that no comment ignores, and note the comments that were used."""
        return [each for each in problems if not self.ignore(each.rule, each.location)]

    def ignore(self, rule: RuleCode, location: Location) -> bool:
        """Return whether a comment ignores a problem, and note that it was used."""
        file = location.file
        covering = [each for each in self._comments(file) if each.covers(rule, location)]
        self._used.update((file, each, rule) for each in covering)
        return bool(covering)

    def unused(
        self, file: str, *, complete: bool, severities: Mapping[str, str]
    ) -> Iterator[Finding]:
        """Yield a finding for each comment of a file that ignores nothing.

        Args:
            file: The file.
            complete: All problems of the file have been through `remaining`.  Otherwise only
                comments that could never ignore anything are found.
            severities: The user's, by rule: one that is "off" has no problems to ignore.
        """
        for comment in self._comments(file):
            mistake = self._mistake(file, comment, complete, severities)
            if mistake is not None:
                yield _finding(file, comment, mistake)

    def _comments(self, file: str) -> tuple[IgnoreComment, ...]:
        if file not in self._by_file:
            self._by_file[file] = comments_in(self._lines_of(file))
        return self._by_file[file]

    def _mistake(
        self, file: str, comment: IgnoreComment, complete: bool, severities: Mapping[str, str]
    ) -> _Mistake | None:
        if not comment.rules:
            advice = "Name the rules in brackets after `ignore`, and then the reason."
            return _Mistake("Ignore comment without a rule", "", advice)
        for word in comment.rules:
            if word not in typing.get_args(RuleCode):
                return _unknown(word)
        unused = [
            word
            for word in comment.rules
            if (file, comment, word) not in self._used and severities.get(word) != "off"
        ]
        if not complete or not unused:
            return None
        named = " or a ".join(f"`{word}`" for word in unused)
        why = f"No target that was checked has a {named} here to ignore. Remove it."
        return _Mistake("Unused ignore", ", ".join(unused), why)


@dataclass(frozen=True)
class _Mistake:
    """A mistake in a comment: the label and the code of a title, and the explanation."""

    label: str
    code: str
    explanation: str


@dataclass(frozen=True)
class Insertion:
    """Text to be inserted in a line, before a column in code points; both count from 0."""

    line: int
    column: int
    text: str


def insertion(rule: RuleCode, location: Location, lines: Sequence[str]) -> Insertion | None:
    """Return the edit that ignores a problem of a rule at a location.

    It extends a comment that is there.  None if neither the first nor the last line of the location
    can end in a comment, as in the middle of a string.
    """
    places = dict.fromkeys((location.start.line, location.end.line))
    for comment in comments_in(lines):
        if comment.line in places and comment.rules and comment.rules_end is not None:
            return Insertion(comment.line, comment.rules_end, f", {rule}")
    for place in places:
        if place < len(lines):
            line = without_line_end(lines[place])
            text = f"  # export-lsp: ignore[{rule}]"
            ignored = [*lines[:place], line.rstrip() + text, *lines[place + 1 :]]
            covers = any(each.covers(rule, location) for each in comments_in(ignored))
            if covers and not line.rstrip().endswith("\\"):
                return Insertion(place, len(line.rstrip()), text)
    return None


def is_complete(rules: Iterable[RuleCode]) -> bool:
    """Return whether a check with problems of these rules has met all problems that there are."""
    return _ENDS_EARLY.isdisjoint(rules)


def _unknown(word: str) -> _Mistake:
    meant = nearest(word, typing.get_args(RuleCode))
    hint = f"Is it `{meant}`?" if meant else "`export-lsp explain` lists the rules."
    return _Mistake("Ignore of an unknown rule", word, hint)


def _finding(file: str, comment: IgnoreComment, mistake: _Mistake) -> Finding:
    start, end = Position(comment.line, comment.start), Position(comment.line, comment.end)
    return Finding(
        rule=RULE,
        stage="load",
        modes=(),
        target="",
        location=Location(file, start, end),
        title=titles.title(mistake.label, mistake.code),
        explanation=mistake.explanation,
    )
