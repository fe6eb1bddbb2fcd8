"""The outcome of a trial proves or refutes a candidate, and says for which inputs."""

from __future__ import annotations

from dataclasses import replace

import pytest

from export_lsp.engine.fixing import Budget
from export_lsp.fixes.candidate import Candidate
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.proof import Fix, judge, judge_one_mode
from export_lsp.fixes.trial import Trial
from export_lsp.protocol import Finding, Location, Position, RuleCode
from export_lsp.source import Source
from export_lsp.stages import Stage

FILE = "/project/model.py"
SOURCE = Source.of(FILE, b"a\nb\nc\n")


def at(line: int) -> Location:
    return Location(FILE, Position(line, 0), Position(line, 1))


def limit(rule: RuleCode, stage: Stage) -> Finding:
    return Finding(rule, stage, ("non-strict",), "model", at(2), "", limit=True)


GUARD = Finding("data-dependent-guard", "capture", ("non-strict",), "model", at(0), "")
CANDIDATE = Candidate("Fix it", (Edit(at(0), "x"),))


def judged(*findings: Finding, compared: bool = True) -> Fix | None:
    trial = Trial(findings, {"model": ""} if compared else {})
    return judge(GUARD, [GUARD], trial, CANDIDATE, {FILE: SOURCE})


def test_a_trial_without_findings_is_a_proof() -> None:
    fix = judged()
    assert fix is not None
    assert fix.proof == "exports"


@pytest.mark.parametrize(
    ("rule", "stage"),
    [("timeout", "capture"), ("timeout", "decompose"), ("out-of-memory", "run")],
)
def test_a_trial_that_met_a_limit_proves_nothing(rule: RuleCode, stage: Stage) -> None:
    fix = judged(limit(rule, stage), compared=stage != "run")
    assert fix is not None
    assert fix.proof == "unverified"
    assert "took too much time or memory" in fix.title


def test_a_candidate_that_needs_too_much_memory_to_export_is_none() -> None:
    assert judged(limit("out-of-memory", "capture")) is None


CHECK = Candidate(
    "Insert `torch._check(n <= limit)`", (Edit(at(0), "x"),), condition="`n <= limit`"
)
AGREES = Trial((), {"model": ""})
REFUSES = replace(AGREES, refuses=True)


def proved(candidate: Candidate, trial: Trial) -> tuple[str, str] | None:
    """Return the proof and the title of a candidate for the guard."""
    fix = judge(GUARD, [GUARD], trial, candidate, {FILE: SOURCE})
    one_mode = judge_one_mode(GUARD, trial, candidate)
    assert (fix is None) == (one_mode is None)
    assert fix is None or one_mode is None or one_mode.proof == fix.proof
    return (fix.proof, fix.title) if fix is not None else None


def test_a_check_of_what_the_code_needs_is_a_proof() -> None:
    assert proved(CHECK, AGREES) == (
        "exports",
        "Insert `torch._check(n <= limit)`: the export succeeds",
    )


@pytest.mark.parametrize(
    ("candidate", "trial"), [(replace(CHECK, narrows=True), AGREES), (CHECK, REFUSES)]
)
def test_a_check_of_one_side_says_what_is_refused(candidate: Candidate, trial: Trial) -> None:
    title = "Require `n <= limit`: the program raises for others"
    assert proved(candidate, trial) == ("narrows", title)


def test_other_edits_may_narrow_a_model_as_well() -> None:
    title = "Fix it: the program raises for some inputs that the model takes"
    assert proved(CANDIDATE, REFUSES) == ("narrows", title)


def test_a_narrowing_that_leaves_problems_says_so() -> None:
    other = replace(GUARD, location=at(2))
    trial = replace(REFUSES, findings=(other,))
    fix = judge(GUARD, [GUARD, other], trial, CHECK, {FILE: SOURCE})
    assert fix is not None
    assert fix.title == "Require `n <= limit`: the program raises for others; 1 other remains"


def test_a_narrowing_needs_a_persons_choice() -> None:
    narrowing = judge(GUARD, [GUARD], REFUSES, CHECK, {FILE: SOURCE})
    assert narrowing is not None
    assert not narrowing.is_safe
    assert not Budget(1, 1.0, unverified=True).admits(narrowing)


def test_a_branch_may_be_dropped_only_if_both_sides_agree() -> None:
    dropped = replace(CANDIDATE, needs_both_sides=True)
    assert proved(dropped, AGREES) is None
    both = replace(AGREES, both_sides=frozenset({"model"}))
    assert proved(dropped, both) == ("exports", "Fix it: the export succeeds")
