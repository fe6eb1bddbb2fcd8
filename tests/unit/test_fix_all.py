"""A fix of all problems: the edits that it takes, and its proof."""

from __future__ import annotations

from export_lsp.fixes.candidate import Candidate
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.fix_all import FixAll, FixedFinding
from export_lsp.fixes.proof import Fix
from export_lsp.fixes.trial import Trial
from export_lsp.protocol import Finding, Location, Position, RuleCode
from export_lsp.source import Source
from export_lsp.stages import Stage

FILE = "/project/model.py"
SOURCE = Source.of(FILE, b"a\nb\nc\n")


def finding(rule: RuleCode, line: int, stage: Stage = "capture") -> Finding:
    place = Location(FILE, Position(line, 0), Position(line, 1))
    return Finding(rule, stage, ("non-strict",), "model", place, "", silent=stage == "run")


def fixed(found: Finding) -> FixedFinding:
    edits = (Edit(found.location, "x"),)
    return FixedFinding(found, Candidate("Fix it", edits), Fix("Fix it", "advances", edits))


GUARDS = [finding("data-dependent-guard", line) for line in (0, 1)]
DIFFERENT = finding("numerics-mismatch", 2, "run")
COMPARED = {"model": ""}


def test_edits_that_fix_all_problems_are_proved() -> None:
    fix_all = FixAll({FILE: SOURCE}, GUARDS)
    assert fix_all.take([fixed(each) for each in GUARDS], Trial((), COMPARED))
    fix = fix_all.fix()
    assert fix is not None
    assert (fix.proof, fix.title) == ("exports", "Fix all 2 problems: the export succeeds")


def test_edits_that_change_the_results_are_not_taken() -> None:
    fix_all = FixAll({FILE: SOURCE}, GUARDS)
    assert not fix_all.take([fixed(each) for each in GUARDS], Trial((DIFFERENT,), COMPARED))
    assert fix_all.fix() is None


def test_results_that_already_differed_are_no_proof() -> None:
    fix_all = FixAll({FILE: SOURCE}, [*GUARDS, DIFFERENT])
    assert fix_all.take([fixed(each) for each in GUARDS], Trial((DIFFERENT,), COMPARED))
    fix = fix_all.fix()
    assert fix is not None
    assert (fix.proof, fix.title) == ("advances", "Fix what can be fixed: 1 left")


def test_edits_may_uncover_problems_that_a_failure_hid() -> None:
    later = [finding("constraint-violation", line, "guards") for line in (1, 2)]
    fix_all = FixAll({FILE: SOURCE}, GUARDS[:1])
    assert fix_all.take([fixed(GUARDS[0])], Trial(tuple(later), COMPARED))
