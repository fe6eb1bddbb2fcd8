"""The findings of a trial prove or refute a candidate."""

from __future__ import annotations

import pytest

from export_lsp.fixes.candidate import Candidate
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.proof import Fix, judge
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
