"""Merging findings into problems: a file shows one problem at a place, however many runs met it.

The worker reports a finding for each target and mode.  Findings at one location become one problem.
Where a library fails, that is the library's location: a call may lead to several.

- Findings of one rule are united.  Where the modes word the message differently, the words of
  non-strict mode are kept: they come from the user's own frames and variables.
- A finding of strict mode alone is absorbed by a finding of another rule at its place, and added
  to that one's detail, since both say that the same expression fails.  Strict mode often blames a
  little more or less of a line, so here it is enough that one location contains the other.
- The same applies if one of the two names the other's location as a related one.

A problem has the severity of its rule.  It is a warning instead where strict mode fails alone
although non-strict mode got past the place or through the whole target, and where the export
succeeds all the same.  It is information where the check had too little time or memory and the
model had been exported: that says nothing about the model.  A severity that the user has set for
the rule overrides all of this.
"""

from __future__ import annotations

import typing
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from export_lsp.protocol import (
    MODES,
    Finding,
    Location,
    Mode,
    Related,
    RuleCode,
    as_message,
)
from export_lsp.rules import RULES, Severity
from export_lsp.stages import TABLE, Stage
from export_lsp.titles import STRICT_ONLY

STRICT: tuple[Mode, ...] = ("strict",)
# The key under which the data of a finding names the backend that it is about.
BACKEND = "backend"
WAY_OUT = "Non-strict mode exports this model."


@dataclass(frozen=True)
class Problem:
    """All findings at one place, as shown to the user.

    `title` and `explanation` are complete, `detail` is torch's full text.  `modes` and `targets`
    are those in which the problem was met; `modes` is empty for a stage that is the same for both.
    `findings` are all those merged into the problem, the one whose words it has first.
    """

    rule: RuleCode
    severity: Severity
    stage: Stage
    modes: tuple[Mode, ...]
    targets: tuple[str, ...]
    location: Location
    title: str
    explanation: str = ""
    related: tuple[Related, ...] = ()
    detail: str = ""
    url: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def message(self) -> str:
        """The title, and the explanation on a line of its own."""
        return as_message(self.title, self.explanation)


def merge(
    findings: Iterable[Finding],
    *,
    modes: Sequence[Mode],
    severities: Mapping[str, str],
    target_modes: Mapping[str, Collection[Mode]] | None = None,
) -> list[Problem]:
    """Return the problems that findings add up to, sorted by file and position.

    `modes` are those that were checked; `target_modes` has the targets that were checked in others,
    since a target may choose.  `severities` are the user's, by rule.  Findings of a rule that is
    "off" are dropped before anything is merged into them.
    """
    shown = [finding for finding in findings if severities.get(finding.rule) != "off"]
    checked = _Checked(
        modes,
        target_modes or {},
        frozenset(finding.target for finding in shown if _stops_non_strict(finding)),
    )
    problems = [_problem(group, checked, severities) for group in _absorb(_group(shown))]
    return sorted(problems, key=_order)


@dataclass(frozen=True)
class _Group:
    """The findings of one rule at one place, the one whose words are kept first.

    `absorbed` are findings of strict mode that are no problem of their own.
    """

    findings: tuple[Finding, ...]
    absorbed: tuple[Finding, ...] = ()

    @property
    def kept(self) -> Finding:
        return self.findings[0]

    @property
    def all(self) -> tuple[Finding, ...]:
        return self.findings + self.absorbed

    @property
    def only_strict(self) -> bool:
        return all(finding.modes == STRICT for finding in self.findings)


@dataclass(frozen=True)
class _Checked:
    """The modes of a check; `stopped` are the targets that non-strict mode did not export."""

    modes: Sequence[Mode]
    target_modes: Mapping[str, Collection[Mode]]
    stopped: frozenset[str]

    def passed_non_strict(self, target: str) -> bool:
        modes = self.target_modes.get(target, self.modes)
        return "non-strict" in modes and target not in self.stopped


def _stops_non_strict(finding: Finding) -> bool:
    return not finding.silent and finding.modes != STRICT and not TABLE[finding.stage].after_export


def _group(findings: Iterable[Finding]) -> list[_Group]:
    groups: dict[tuple[RuleCode, Location, Location, str], list[Finding]] = {}
    for finding in findings:
        key = finding.rule, finding.location, finding.blamed, finding.data.get(BACKEND, "")
        groups.setdefault(key, []).append(finding)
    # The sort is stable: within a mode the first finding's words are kept.
    return [
        _Group(tuple(sorted(group, key=lambda finding: finding.modes == STRICT)))
        for group in groups.values()
    ]


def _absorb(groups: Sequence[_Group]) -> list[_Group]:
    """Return the groups with those of strict mode alone absorbed by others, where one can."""
    strict = [group for group in groups if group.only_strict]
    kept = [group for group in groups if not group.only_strict]
    for group in strict:
        home = _at_same_place(group.kept, kept) or _related(group.kept, kept)
        if home is None:
            kept.append(group)
        else:
            index = kept.index(home)
            kept[index] = replace(home, absorbed=home.absorbed + group.findings)
    return kept


def _at_same_place(strict: Finding, groups: Sequence[_Group]) -> _Group | None:
    """Return the group at a finding's location, or else one whose location overlaps it wholly.

    Only groups that non-strict mode met count, so that two findings of strict mode stay two, and
    only failures of the model, so that no limit of the check hides one.
    """
    candidates = [
        group
        for group in groups
        if "non-strict" in group.kept.modes
        and not group.kept.limit
        and _blame_alike(strict, group.kept)
    ]
    return min(
        candidates,
        key=lambda group: (
            group.kept.location != strict.location,
            group.kept.blamed != strict.blamed,
        ),
        default=None,
    )


def _blame_alike(one: Finding, other: Finding) -> bool:
    """Return whether two findings blame one expression, or one blames a call that the other enters.

    Strict mode refuses some calls of libraries that non-strict mode follows into the library.
    """
    if not _is_nested(one.location, other.location):
        return False
    if one.library is None or other.library is None:
        return True
    return _is_nested(one.library, other.library)


def _related(strict: Finding, groups: Sequence[_Group]) -> _Group | None:
    """Return the group whose location a finding names as related, or the other way round.

    The modes often stop on different sides of one cause: where data becomes a number and where the
    number is needed, or in a function and at its call.
    """
    for group in groups:
        finding = group.kept
        if "non-strict" not in finding.modes or finding.target != strict.target or finding.limit:
            continue
        if any(related.location == finding.location for related in strict.related) or any(
            related.location == strict.location for related in finding.related
        ):
            return group
    return None


def _is_nested(one: Location, other: Location) -> bool:
    """Return whether two locations start on one line and one of them contains the other."""
    if one.file != other.file or one.start.line != other.start.line:
        return False
    return (one.start <= other.start and other.end <= one.end) or (
        other.start <= one.start and one.end <= other.end
    )


def _problem(group: _Group, checked: _Checked, severities: Mapping[str, str]) -> Problem:
    kept = group.kept
    met_in = {mode for finding in group.all for mode in finding.modes}
    title, explanation = _words(group, checked)
    return Problem(
        rule=kept.rule,
        severity=_severity(group, checked, severities),
        stage=kept.stage,
        modes=tuple(mode for mode in MODES if mode in met_in),
        targets=tuple(dict.fromkeys(finding.target for finding in group.all if finding.target)),
        location=kept.location,
        title=title,
        explanation=explanation,
        related=_united_related(group.findings),
        detail=_detail(group),
        url=kept.url or RULES[kept.rule].url,
        data=kept.data,
        findings=group.all,
    )


def _severity(group: _Group, checked: _Checked, severities: Mapping[str, str]) -> Severity:
    """Return the user's severity for the rule; else the rule's own, or the milder one."""
    default = RULES[group.kept.rule].severity
    if all(_is_limit_after_export(finding, checked) for finding in group.all):
        default = "information"
    if default == "error" and (
        _strict_fails_alone(group, checked)
        or all(_can_be_ignored(finding, checked) for finding in group.all)
    ):
        default = "warning"
    return typing.cast(Severity, severities.get(group.kept.rule, default))


def _strict_fails_alone(group: _Group, checked: _Checked) -> bool:
    """Return whether strict mode alone met the problem and non-strict mode got past it."""
    return group.only_strict and any(
        finding.alone or checked.passed_non_strict(finding.target) for finding in group.findings
    )


def _can_be_ignored(finding: Finding, checked: _Checked) -> bool:
    """Return whether the target exports in spite of a finding, in one mode at least."""
    return finding.silent or _is_in_strict_only(finding, checked)


def _is_limit_after_export(finding: Finding, checked: _Checked) -> bool:
    """Return whether a check had too little time or memory for more than one mode's export."""
    exported = TABLE[finding.stage].after_export or _is_in_strict_only(finding, checked)
    return finding.limit and exported


def _is_in_strict_only(finding: Finding, checked: _Checked) -> bool:
    return finding.modes == STRICT and checked.passed_non_strict(finding.target)


def _words(group: _Group, checked: _Checked) -> tuple[str, str]:
    """Return the kept title and explanation, with a note if strict mode fails alone.

    If non-strict mode exports all targets, the explanation ends by saying so.
    """
    title, explanation = group.kept.title, group.kept.explanation
    if not _strict_fails_alone(group, checked):
        return title, explanation
    if all(checked.passed_non_strict(finding.target) for finding in group.findings):
        explanation = f"{explanation} {WAY_OUT}".lstrip()
    return f"{title}{STRICT_ONLY}", explanation


def _united_related(findings: Sequence[Finding]) -> tuple[Related, ...]:
    """Return the related locations of all findings; the first message for one is kept."""
    places: dict[Location, Related] = {}
    for finding in findings:
        for related in finding.related:
            places.setdefault(related.location, related)
    return tuple(places.values())


def _detail(group: _Group) -> str:
    """Return torch's text of the kept finding, and the absorbed findings of other rules."""
    parts = [group.kept.detail] if group.kept.detail else []
    others = dict.fromkeys(
        (finding.rule, finding.title, finding.detail)
        for finding in group.absorbed
        if finding.rule != group.kept.rule
    )
    for rule, title, detail in others:
        head = f"In strict mode this is {rule}: {title}"
        parts.append(f"{head}\n\n{detail}" if detail else head)
    return "\n\n".join(parts)


def _order(problem: Problem) -> tuple[object, ...]:
    place = problem.location
    blamed = problem.findings[0].blamed
    return (place.file, place.start, place.end, problem.rule, blamed.file, blamed.start)
