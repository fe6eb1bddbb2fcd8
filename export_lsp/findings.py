"""From findings to problems: what one place in a file shows, whatever number of runs met it.

The worker reports a finding for each target and mode.  A user wants one problem a place, so
findings at the same place are one problem:

- Same rule: modes and targets are united.  Where the modes word it differently, the non-strict
  words are kept: they come from the user's own frames and variables.
- Different rules, one of which only strict mode met: the other one is shown, and the strict one
  is told in its detail, since both are the same expression failing.  Strict mode often blames a
  little more or less of the line, so containment on one line counts as the same place here.

- One of them, met by strict mode alone, names the place of the other as a related one: likewise.

Severity is the rule's own, but a warning where strict mode fails alone although non-strict mode
got past the place or through the whole target, and where the export succeeds all the same.  A
user's severity for the rule overrides all of them.
"""

from __future__ import annotations

import re
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
)
from export_lsp.rules import RULES, Severity
from export_lsp.stages import TABLE, Stage

STRICT_ONLY = "(strict only)"
WAY_OUT = "; non-strict mode exports this model"

# Up to the first full stop that ends a sentence: not one inside `code`, nor that of "e.g. this".
_SENTENCE = re.compile(r"(?:`[^`]*`|[^`])*?(?<!e\.g)(?<!i\.e)(?=[.!?](?:\s+[A-Z`]|\s*$))")


@dataclass(frozen=True)
class Problem:
    """All findings at one place, as shown to the user.

    `message` is complete, `detail` is torch's full text, and `modes` and `targets` are those that
    met the problem; `modes` is empty for the stages before the modes part ways.  `findings` are all
    that it stands for, the one whose words it has first.
    """

    rule: RuleCode
    severity: Severity
    stage: Stage
    modes: tuple[Mode, ...]
    targets: tuple[str, ...]
    location: Location
    message: str
    related: tuple[Related, ...] = ()
    detail: str = ""
    url: str = ""
    data: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class _Met:
    """The findings of one rule at one place, the one whose words are kept first."""

    findings: tuple[Finding, ...]
    absorbed: tuple[Finding, ...] = ()

    @property
    def kept(self) -> Finding:
        return self.findings[0]

    @property
    def all(self) -> tuple[Finding, ...]:
        return self.findings + self.absorbed

    @property
    def strict_alone(self) -> bool:
        return all(finding.modes == ("strict",) for finding in self.findings)


@dataclass(frozen=True)
class _Checked:
    """What was checked: `stopped` are the targets that non-strict mode did not get through."""

    modes: Sequence[Mode]
    target_modes: Mapping[str, Collection[Mode]]
    stopped: frozenset[str]

    def passed_non_strict(self, target: str) -> bool:
        modes = self.target_modes.get(target, self.modes)
        return "non-strict" in modes and target not in self.stopped


def merge(
    findings: Iterable[Finding],
    *,
    modes: Sequence[Mode],
    severities: Mapping[str, str],
    target_modes: Mapping[str, Collection[Mode]] | None = None,
) -> list[Problem]:
    """The problems that findings add up to, by file and position.

    `modes` are those that were checked; `target_modes` names the targets checked in others (a
    target may choose).  `severities` are the user's, by rule; "off" drops a rule before anything
    is merged into it.
    """
    shown = [finding for finding in findings if severities.get(finding.rule) != "off"]
    checked = _Checked(
        modes,
        target_modes or {},
        frozenset(finding.target for finding in shown if _stops_non_strict(finding)),
    )
    problems = [_problem(met, checked, severities) for met in _absorb(_group(shown))]
    return sorted(problems, key=_order)


def _stops_non_strict(finding: Finding) -> bool:
    return (
        not finding.silent
        and finding.modes != ("strict",)
        and not TABLE[finding.stage].after_export
    )


def _group(findings: Iterable[Finding]) -> list[_Met]:
    groups: dict[tuple[RuleCode, Location], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.rule, finding.location), []).append(finding)
    # A stable sort: within a mode the first finding's words are kept.
    return [
        _Met(tuple(sorted(group, key=lambda finding: finding.modes == ("strict",))))
        for group in groups.values()
    ]


def _absorb(groups: Sequence[_Met]) -> list[_Met]:
    """The groups without those that only strict mode met where another one stands."""
    strict = [group for group in groups if group.strict_alone]
    kept = [group for group in groups if not group.strict_alone]
    for group in strict:
        home = _closest(group.kept.location, kept) or _cause(group.kept, kept)
        if home is None:
            kept.append(group)
        else:
            index = kept.index(home)
            kept[index] = replace(home, absorbed=home.absorbed + group.findings)
    return kept


def _closest(place: Location, groups: Sequence[_Met]) -> _Met | None:
    """The group at the same place as `place`: first the exact one, else one that overlaps whole.

    Only groups that non-strict mode met count, so that two strict findings stay two.
    """
    candidates = [
        group
        for group in groups
        if "non-strict" in group.kept.modes and _same_place(place, group.kept.location)
    ]
    return min(candidates, key=lambda group: group.kept.location != place, default=None)


def _cause(strict: Finding, groups: Sequence[_Met]) -> _Met | None:
    """The group whose place strict mode names as a related one, or the other way round.

    The modes often stop on different sides of one cause: where data becomes a number, and where
    the number is needed; in a function, and at its call.
    """
    for group in groups:
        finding = group.kept
        if "non-strict" not in finding.modes or finding.target != strict.target:
            continue
        if any(related.location == finding.location for related in strict.related) or any(
            related.location == strict.location for related in finding.related
        ):
            return group
    return None


def _same_place(one: Location, other: Location) -> bool:
    if one.file != other.file or one.start.line != other.start.line:
        return False
    return (one.start <= other.start and other.end <= one.end) or (
        other.start <= one.start and one.end <= other.end
    )


def _problem(
    met: _Met,
    checked: _Checked,
    severities: Mapping[str, str],
) -> Problem:
    kept = met.kept
    rule = RULES[kept.rule]
    alone = met.strict_alone and any(
        finding.alone or checked.passed_non_strict(finding.target) for finding in met.findings
    )
    way_out = all(checked.passed_non_strict(finding.target) for finding in met.findings)
    milder = alone or all(
        finding.silent
        or (finding.modes == ("strict",) and checked.passed_non_strict(finding.target))
        for finding in met.all
    )
    severity: Severity = "warning" if milder and rule.severity == "error" else rule.severity
    severity = typing.cast(Severity, severities.get(kept.rule, severity))
    met_in = {mode for finding in met.all for mode in finding.modes}
    return Problem(
        rule=kept.rule,
        severity=severity,
        stage=kept.stage,
        modes=tuple(mode for mode in MODES if mode in met_in),
        targets=tuple(dict.fromkeys(finding.target for finding in met.all if finding.target)),
        location=kept.location,
        message=_strict_only(kept.message, way_out=way_out) if alone else kept.message,
        related=_united(met.findings),
        detail=_detail(met),
        url=kept.url or rule.url,
        data=kept.data,
        findings=met.all,
    )


def _strict_only(message: str, *, way_out: bool) -> str:
    """The message with the note that strict mode fails alone, at the end of its first sentence, and
    at its own end that the other mode is the way out, if it is one."""
    sentence = _SENTENCE.match(message)
    end = sentence.end() if sentence else len(message)
    told = f"{message[:end]} {STRICT_ONLY}{message[end:]}"
    return told.rstrip(".") + WAY_OUT if way_out else told


def _united(findings: Sequence[Finding]) -> tuple[Related, ...]:
    """The related places of all findings; of two words for one place the first are kept."""
    places: dict[Location, Related] = {}
    for finding in findings:
        for related in finding.related:
            places.setdefault(related.location, related)
    return tuple(places.values())


def _detail(met: _Met) -> str:
    """torch's text of the kept finding, and what strict mode said where it was absorbed."""
    parts = [met.kept.detail] if met.kept.detail else []
    other_rules = dict.fromkeys(
        (finding.rule, finding.message, finding.detail)
        for finding in met.absorbed
        if finding.rule != met.kept.rule
    )
    for rule, message, detail in other_rules:
        said = f"In strict mode this is {rule}: {message}"
        parts.append(f"{said}\n\n{detail}" if detail else said)
    return "\n\n".join(parts)


def _order(problem: Problem) -> tuple[object, ...]:
    place = problem.location
    return (place.file, place.start, place.end, problem.rule)
