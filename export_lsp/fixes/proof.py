"""What a trial of a candidate has proved, from the findings without and with it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.original_locations import OriginalLocations
from export_lsp.protocol import (
    Compared,
    Finding,
    Found,
    Location,
    RemedyKind,
    RuleCode,
    RunEvent,
)
from export_lsp.stages import STAGES, TABLE, Stage

Proof = Literal["exports", "advances", "unverified"]

# What says that a check came to no end.
FAULTS = ("worker-crash", "internal-error", "out-of-memory")

# What says that an edit has changed what the model does.
WRONG = ("forward-error", "numerics-mismatch")

TOO_SLOW = "trying it took too long"
NOT_COMPARED = "the results were not compared with eager"
ONE_MODE = "the export in non-strict mode succeeds"

Place = tuple[RuleCode, Location]


@dataclass(frozen=True)
class Fix:
    """Edits that mend a finding, and how that is known.  `title` says both.

    `kind` is None for what mends several findings at once.
    """

    title: str
    proof: Proof
    edits: tuple[Edit, ...]
    kind: RemedyKind | None = None


@dataclass(frozen=True)
class Trial:
    """What a check with a candidate's edits has said.

    `compared` has, by target, why its results were not compared with eager's: "" if they were.
    `endless` says that it went on for far longer than the check without the edits.
    """

    findings: tuple[Finding, ...] = ()
    compared: Mapping[str, str] = field(default_factory=dict)
    endless: bool = False

    def with_event(self, event: RunEvent) -> Trial:
        """The trial as it is after another event."""
        if isinstance(event, Found) and not event.early:
            return replace(self, findings=(*self.findings, event.finding))
        if isinstance(event, Compared):
            return replace(self, compared={**self.compared, event.target: event.left_out})
        return self

    @property
    def timed_out(self) -> bool:
        """Whether it took too long."""
        return any(finding.rule == "timeout" for finding in self.findings)

    @property
    def incomplete(self) -> bool:
        """Whether it came to no end."""
        return self.endless or any(finding.rule in FAULTS for finding in self.findings)

    @property
    def succeeds(self) -> bool:
        """Whether nothing keeps a target from being exported."""
        return not any(stops(finding) for finding in self.findings)

    @property
    def agrees(self) -> bool:
        """Whether it succeeds, and nothing says that the results are others."""
        return self.succeeds and not any(finding.rule in WRONG for finding in self.findings)


def stops(finding: Finding) -> bool:
    """Whether a finding says that the export does not succeed."""
    return not finding.silent and not TABLE[finding.stage].after_export


def same_place(one: Finding, other: Finding) -> bool:
    """Whether two findings of one target are about one expression: the modes often blame a little
    more or less of it."""
    a, b = one.location, other.location
    return (
        one.target == other.target
        and a.file == b.file
        and a.start.line == b.start.line
        and a.start < b.end
        and b.start < a.end
    )


def judge(
    finding: Finding,
    before: Collection[Finding],
    trial: Trial,
    candidate: Candidate,
    sources: Sources,
) -> Fix | None:
    """The fix that a candidate has been proved to be; None if it is none.

    `before` are all findings of the target without it.
    """
    if trial.timed_out:
        return Fix(f"{candidate.title} ({TOO_SLOW})", "unverified", candidate.edits, candidate.kind)
    if candidate.kind == "declaration":
        return _declared(trial, candidate)
    left = _left(trial, candidate, sources)
    known = set(places(before))
    now = _places_now(left)
    if trial.incomplete or _contradicted(finding, now):
        return None
    news = now - known
    if news and not TABLE[finding.stage].hides_rest:
        # What failed at a place before may fail there in eager as well.
        failed = {place for _, place in known}
        wrong = any(found.rule in WRONG and place not in failed for found, place in left)
        fewer = len(up_to(finding.stage, left)) < len(
            up_to(finding.stage, [(found, found.location) for found in before])
        )
        if wrong or not fewer:
            return None
    if not trial.succeeds or news:
        title = f"{candidate.title}: {_advance(len({place for _, place in now}))}"
        return Fix(title, "advances", candidate.edits, candidate.kind)
    left_out = trial.compared.get(finding.target, NOT_COMPARED)
    if left_out:
        return Fix(
            f"{candidate.title} (exports; {left_out})",
            "unverified",
            candidate.edits,
            candidate.kind,
        )
    return Fix(
        f"{candidate.title}: the export succeeds", "exports", candidate.edits, candidate.kind
    )


def judge_one_mode(finding: Finding, trial: Trial, candidate: Candidate) -> Fix | None:
    """The fix that a candidate is by what non-strict mode has said of it, whose results have been
    compared; None if that is not known yet, or does not tell.

    Whether strict mode agrees is seen afterwards.
    """
    known = finding.target in trial.compared and "non-strict" in finding.modes
    if not known or trial.findings or candidate.kind == "declaration":
        return None
    left_out = trial.compared[finding.target]
    told = f" (exports in non-strict mode; {left_out})" if left_out else f": {ONE_MODE}"
    proof: Proof = "unverified" if left_out else "exports"
    return Fix(f"{candidate.title}{told}", proof, candidate.edits, candidate.kind)


def is_refuted(finding: Finding, trial: Trial, candidate: Candidate, sources: Sources) -> bool:
    """Whether a trial that goes on can prove nothing any more."""
    if candidate.kind == "declaration":
        return False
    return _contradicted(finding, _places_now(_left(trial, candidate, sources)))


def has_new_findings(
    trial: Trial, candidate: Candidate, sources: Sources, known: Iterable[Finding]
) -> bool:
    """Whether a trial has found what is not among these findings of the check without the edits,
    which decides nothing as long as that may still find it as well."""
    now = _places_now(_left(trial, candidate, sources))
    return not now.issubset(set(places(known)))


# What a trial has found, with the places before the edits.
_Left = Sequence[tuple[Finding, Location | None]]


def _left(trial: Trial, candidate: Candidate, sources: Sources) -> _Left:
    original = OriginalLocations(sources, candidate.edits)
    return [(found, original.of(found.location)) for found in trial.findings]


def _places_now(left: _Left) -> set[tuple[RuleCode, Location | None]]:
    return {(found.rule, place) for found, place in left}


def _contradicted(finding: Finding, now: Collection[tuple[RuleCode, Location | None]]) -> bool:
    """Whether the problem is there still, or there is one in what was edited."""
    here = (finding.rule, finding.location)
    return here in now or any(place is None for _, place in now)


def up_to(stage: Stage, found: Iterable[tuple[Finding, Location | None]]) -> set[Location | None]:
    """The places of what was found by the end of a stage.

    What fails hides what comes after it: that may be more without the failure.
    """
    last = STAGES.index(stage)
    return {place for each, place in found if STAGES.index(each.stage) <= last}


def _declared(trial: Trial, candidate: Candidate) -> Fix | None:
    """A declaration is right if the model runs with it, whether it exports or not."""
    wrong = ("no-target", "invalid-input", "forward-error")
    unfit = any(TABLE[found.stage].hides_rest or found.rule in wrong for found in trial.findings)
    if trial.incomplete or unfit:
        return None
    if trial.agrees and trial.compared and not any(trial.compared.values()):
        title = f"{candidate.title}: the export succeeds"
        return Fix(title, "exports", candidate.edits, candidate.kind)
    count = len(set(places(trial.findings)))
    told = f"it runs, {count} {'problem' if count == 1 else 'problems'} found"
    return Fix(f"{candidate.title}: {told}", "advances", candidate.edits, candidate.kind)


def places(findings: Iterable[Finding]) -> Iterator[Place]:
    return ((finding.rule, finding.location) for finding in findings)


def _advance(left: int) -> str:
    others = "1 other remains" if left == 1 else f"{left} others remain"
    return f"this problem is gone, {others}"
