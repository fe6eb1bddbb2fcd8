"""All fixes as one: when they are taken, and what that proves."""

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


def mended(found: Finding) -> FixedFinding:
    edits = (Edit(found.location, "x"),)
    return FixedFinding(found, Candidate("Mend", edits), Fix("Mend", "advances", edits))


GUARDS = [finding("data-dependent-guard", line) for line in (0, 1)]
DIFFERENT = finding("numerics-mismatch", 2, "run")
COMPARED = {"model": ""}


def test_a_whole_that_mends_everything_is_proved() -> None:
    whole = FixAll({FILE: SOURCE}, GUARDS)
    assert whole.take([mended(each) for each in GUARDS], Trial((), COMPARED))
    fix = whole.fix()
    assert fix is not None
    assert (fix.proof, fix.title) == ("exports", "Fix all 2 problems: the export succeeds")


def test_a_whole_that_makes_the_results_others_is_not_taken() -> None:
    whole = FixAll({FILE: SOURCE}, GUARDS)
    assert not whole.take([mended(each) for each in GUARDS], Trial((DIFFERENT,), COMPARED))
    assert whole.fix() is None


def test_a_whole_with_other_results_than_eager_is_no_proof() -> None:
    whole = FixAll({FILE: SOURCE}, [*GUARDS, DIFFERENT])
    assert whole.take([mended(each) for each in GUARDS], Trial((DIFFERENT,), COMPARED))
    fix = whole.fix()
    assert fix is not None
    assert (fix.proof, fix.title) == ("advances", "Fix what can be fixed: 1 left")


def test_what_a_failure_was_hiding_may_come_to_light() -> None:
    later = [finding("constraint-violation", line, "guards") for line in (1, 2)]
    whole = FixAll({FILE: SOURCE}, GUARDS[:1])
    assert whole.take([mended(GUARDS[0])], Trial(tuple(later), COMPARED))
