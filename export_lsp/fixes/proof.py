"""The proof of a candidate: the findings of its trial against those without its edits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.original_locations import OriginalLocations
from export_lsp.fixes.trial import WRONG_RESULTS, Trial
from export_lsp.protocol import Finding, Location, RemedyKind, RuleCode
from export_lsp.stages import STAGES, TABLE, Stage

# The best first.
Proof = Literal["exports", "advances", "narrows", "unverified"]

# Fixes with these proofs are made without a person's choice: preferred, and part of "Fix all".
SAFE: tuple[Proof, ...] = ("exports", "advances")

# Rules of findings with which declared example inputs do not fit the model.
UNFIT_INPUTS: tuple[RuleCode, ...] = ("no-target", "invalid-input", "forward-error")

TOO_COSTLY = "trying it took too much time or memory"
NOT_COMPARED = "the results were not compared with eager"
ONE_MODE = "the export in non-strict mode succeeds"
FOR_OTHERS = "the program raises for others"
FOR_SOME = "the program raises for some inputs that the model takes"


@dataclass(frozen=True)
class Fix:
    """Edits that fix a finding, and how that was proved; `title` says both.

    With the proof "exports" the target exports and its results agree with eager mode, also on
    variations of the example inputs.  "advances" fixes this problem and leaves others.  "narrows"
    fixes it, but the model then refuses inputs that it takes without the edits.  "unverified" could
    not be tried to its end.  `kind` is that of the remedy, None for a fix of several findings.
    """

    title: str
    proof: Proof
    edits: tuple[Edit, ...]
    kind: RemedyKind | None = None

    @property
    def is_safe(self) -> bool:
        """True if the fix needs no person's choice."""
        return self.proof in SAFE


# A rule and the location of its finding in the files before the edits; None where the edits are.
RuleLocation = tuple[RuleCode, Location | None]

# A trial's findings, each with its location before the edits.
Relocated = Sequence[tuple[Finding, Location | None]]


def judge(
    finding: Finding,
    before: Collection[Finding],
    trial: Trial,
    candidate: Candidate,
    sources: Sources,
) -> Fix | None:
    """Return the fix that a finished trial has proved a candidate to be; None if it is none.

    `before` are all findings of the target without the edits; the candidate edits the files in
    `sources`.
    """
    if trial.exceeded_limit:
        return _unverified(candidate, TOO_COSTLY)
    if objection(finding, before, trial, candidate, sources):
        return None
    if candidate.kind == "declaration":
        return _declaration(trial, candidate)
    remaining = _remaining(_relocated(trial, candidate, sources))
    new = remaining - set(rule_locations(before))
    left = _remaining_count(remaining) if new or not trial.exports else ""
    if candidate.narrows or trial.refuses:
        return _narrowing(candidate, left)
    if left:
        return _fix(candidate, "advances", f": this problem is gone, {left}")
    not_compared = trial.compared.get(finding.target, NOT_COMPARED)
    if not_compared:
        return _unverified(candidate, f"exports; {not_compared}")
    return _fix(candidate, "exports", ": the export succeeds")


def objection(
    finding: Finding,
    before: Collection[Finding],
    trial: Trial,
    candidate: Candidate,
    sources: Sources,
) -> str:
    """Return why a trial within its limits makes a candidate no fix, "" if it makes it one.

    The text follows the title of the candidate and a colon.  The arguments are those of `judge`.
    """
    if trial.incomplete:
        return "the check does not end" if trial.endless else "the check breaks off"
    if candidate.kind == "declaration":
        return "" if fits(trial) else "the model does not run"
    found = _relocated(trial, candidate, sources)
    remaining = _remaining(found)
    if not remaining.isdisjoint({(finding.rule, finding.blamed), (finding.rule, None)}):
        return "the problem remains"
    if any(location is None for _, location in remaining):
        return "the new code has a problem itself"
    new = remaining - set(rule_locations(before))
    if new and not _may_have_been_hidden(finding, before, found):
        [rule, *_] = sorted(rule for rule, _ in new)
        return f"it causes a `{rule}`"
    if candidate.needs_both_sides and finding.target not in trial.both_sides:
        return "the results on the other side of the branch could not be compared"
    return ""


def judge_one_mode(finding: Finding, trial: Trial, candidate: Candidate) -> Fix | None:
    """Return the fix that non-strict mode alone has proved a candidate to be.

    None if the trial has not compared that mode's program yet or has reported anything.  Strict
    mode may still refute the fix.
    """
    compared = finding.target in trial.compared and "non-strict" in finding.modes
    if not compared or trial.findings or candidate.kind == "declaration":
        return None
    if candidate.needs_both_sides and finding.target not in trial.both_sides:
        return None
    if candidate.narrows or trial.refuses:
        return _narrowing(candidate)
    not_compared = trial.compared[finding.target]
    if not_compared:
        return _unverified(candidate, f"exports in non-strict mode; {not_compared}")
    return _fix(candidate, "exports", f": {ONE_MODE}")


def is_refuted(finding: Finding, trial: Trial, candidate: Candidate, sources: Sources) -> bool:
    """Return whether an unfinished trial can no longer prove anything."""
    if candidate.kind == "declaration":
        return False
    return _is_unsolved(finding, _remaining(_relocated(trial, candidate, sources)))


def has_new_findings(
    trial: Trial, candidate: Candidate, sources: Sources, known: Iterable[Finding]
) -> bool:
    """Return whether a trial has found a problem that is not among the known ones.

    While the check without the edits goes on, it may still report the same problem.
    """
    remaining = _remaining(_relocated(trial, candidate, sources))
    return not remaining.issubset(set(rule_locations(known)))


def fits(trial: Trial) -> bool:
    """Return whether the model of a trial runs with its example inputs, as far as is known."""
    return not (trial.incomplete or trial.exceeded_limit) and not any(
        TABLE[found.stage].hides_rest or found.rule in UNFIT_INPUTS for found in trial.findings
    )


def same_place(one: Finding, other: Finding) -> bool:
    """Return whether two findings of one target are about the same expression of a line.

    The modes often blame a little more or less of it, so overlapping locations are enough.
    """
    a, b = one.location, other.location
    return (
        one.target == other.target
        and a.file == b.file
        and a.start.line == b.start.line
        and a.start < b.end
        and b.start < a.end
    )


def rule_locations(findings: Iterable[Finding]) -> Iterator[tuple[RuleCode, Location]]:
    """Yield the rule of each finding and the location of what it blames."""
    return ((finding.rule, finding.blamed) for finding in findings)


def locations_up_to(stage: Stage, found: Relocated) -> set[Location | None]:
    """Return the locations of the findings made up to the end of a stage.

    A failure hides what later stages would report: without it there may be more of that.
    """
    last = STAGES.index(stage)
    return {location for each, location in found if STAGES.index(each.stage) <= last}


def unmoved(findings: Iterable[Finding]) -> Relocated:
    """Return findings in files without edits, each with its own location."""
    return [(finding, finding.blamed) for finding in findings]


def _fix(candidate: Candidate, proof: Proof, outcome: str) -> Fix:
    return Fix(f"{candidate.title}{outcome}", proof, candidate.edits, candidate.kind)


def _narrowing(candidate: Candidate, left: str = "") -> Fix:
    """Return a fix whose title says which inputs the model then refuses."""
    outcome = f"; {left}" if left else ""
    if candidate.condition:
        title = f"Require {candidate.condition}: {FOR_OTHERS}{outcome}"
        return Fix(title, "narrows", candidate.edits, candidate.kind)
    return _fix(candidate, "narrows", f": {FOR_SOME}{outcome}")


def _unverified(candidate: Candidate, reason: str) -> Fix:
    if candidate.narrows:
        return _narrowing(candidate)
    return _fix(candidate, "unverified", f" ({reason})")


def _relocated(trial: Trial, candidate: Candidate, sources: Sources) -> Relocated:
    original = OriginalLocations(sources, candidate.edits)
    return [(found, original.of(found.blamed)) for found in trial.findings]


def _remaining(found: Relocated) -> set[RuleLocation]:
    return {(finding.rule, location) for finding, location in found}


def _is_unsolved(finding: Finding, remaining: Collection[RuleLocation]) -> bool:
    """Return whether the finding is still there, or the edited text has one of its own."""
    return (finding.rule, finding.blamed) in remaining or any(
        location is None for _, location in remaining
    )


def _may_have_been_hidden(finding: Finding, before: Collection[Finding], found: Relocated) -> bool:
    """Return whether new problems may be ones that the finding kept from being reported.

    Otherwise the edits have caused them: if they say that the results differ, or if there are no
    fewer problems up to the finding's own stage.
    """
    if TABLE[finding.stage].hides_rest:
        return True
    # An expression that the export failed at may fail in eager mode as well.
    failed_before = {each.location for each in before}
    if any(
        each.rule in WRONG_RESULTS and location not in failed_before for each, location in found
    ):
        return False
    now, earlier = (locations_up_to(finding.stage, each) for each in (found, unmoved(before)))
    return len(now) < len(earlier)


def _declaration(trial: Trial, candidate: Candidate) -> Fix:
    """A declaration of example inputs: it is right if the model runs, export or not."""
    if trial.agrees and trial.compared and not any(trial.compared.values()):
        return _fix(candidate, "exports", ": the export succeeds")
    count = len(set(rule_locations(trial.findings)))
    problems = "1 problem" if count == 1 else f"{count} problems"
    return _fix(candidate, "advances", f": it runs, {problems} found")


def _remaining_count(remaining: Collection[RuleLocation]) -> str:
    count = len({location for _, location in remaining})
    return "1 other remains" if count == 1 else f"{count} others remain"
