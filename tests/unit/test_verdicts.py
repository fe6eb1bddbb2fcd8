"""The words of verdicts, for every way in which the check of a target or a file may end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from export_lsp.findings import Problem
from export_lsp.protocol import (
    LeftOut,
    Location,
    Mode,
    ModeOutcome,
    Outcome,
    Position,
    RuleCode,
)
from export_lsp.rules import Severity
from export_lsp.stages import DEFAULT_STAGES
from export_lsp.verdicts.files import (
    NO_INPUTS,
    SCRIPT,
    FileFacts,
    cancelled,
    checking,
    file_verdict,
    not_checked,
    unable,
)
from export_lsp.verdicts.summary import summary
from export_lsp.verdicts.targets import TargetFacts, target_verdict
from export_lsp.verdicts.verdict import Detail, Verdict

PLACE = Location("/w/net.py", Position(3, 0), Position(3, 0))

Modes = dict[Mode, ModeOutcome]
BOTH: Modes = {"non-strict": "exports", "strict": "exports"}
NEITHER: Modes = {"non-strict": "fails", "strict": "fails"}
UNKNOWN: Modes = {"non-strict": "unknown", "strict": "unknown"}
NON_STRICT: Modes = {"non-strict": "exports", "strict": "fails"}
STARTED: Modes = {"non-strict": "exports", "strict": "unknown"}


def outcome(modes: Modes, **fields: Any) -> Outcome:
    return Outcome("model", PLACE, modes, **{"stages": DEFAULT_STAGES, "seconds": 1.25, **fields})


GOOD = outcome(BOTH, agrees=True)


def problem(
    rule: RuleCode = "data-dependent-guard", severity: Severity = "error", line: int = 0
) -> Problem:
    place = Location("/w/net.py", Position(line, 4), Position(line, 9))
    return Problem(rule, severity, "capture", (), (), place, "`n > 3` depends on the data")


# The state of a verdict by the first letter of its text.
STATES = {
    "✗": "fails",
    "!": "warns",
    "?": "unknown",
    "d": "ignored",
    "1": "ignored",
    "n": "unchecked",
}

LATE_BOTH = outcome(UNKNOWN, stopped="timeout")
LATE_STRICT = outcome(STARTED, stopped="timeout")
LATE_BAD = outcome({"non-strict": "fails", "strict": "unknown"}, stopped="timeout")
ONLY_STRICT = outcome({"strict": "exports"}, agrees=True)
ERROR, OTHER, WARNING = problem(), problem(line=5), problem("specialization", "warning")
HINT = problem(severity="hint")


@pytest.mark.parametrize(
    ("result", "problems", "ignored", "text"),
    [
        (GOOD, [], 0, "exports ✓ both modes · matches eager"),
        (GOOD, [HINT], 0, "exports ✓ both modes · matches eager"),
        (GOOD, [], 1, "exports ✓ both modes · matches eager · 1 problem ignored"),
        (GOOD, [WARNING], 0, "! 1 problem · exports in both modes"),
        (outcome(BOTH), [], 0, "exports ✓ both modes · not compared with eager"),
        (outcome(BOTH, stages=("capture",)), [], 0, "exports ✓ both modes"),
        (ONLY_STRICT, [], 0, "exports ✓ strict mode · matches eager"),
        (outcome(BOTH), [problem("numerics-mismatch")], 0, "✗ 1 problem"),
        (outcome(NEITHER), [ERROR, OTHER], 0, "✗ 2 problems"),
        (outcome(NEITHER), [ERROR, WARNING, HINT], 0, "✗ 2 problems"),
        (
            outcome(NON_STRICT, agrees=True),
            [problem("graph-break", "warning")],
            0,
            "! 1 problem · exports in non-strict mode only",
        ),
        (outcome(NEITHER), [], 2, "does not export · 2 problems ignored"),
        (outcome(NEITHER), [HINT], 0, "does not export · 1 hint only"),
        (outcome(NEITHER), [], 0, "does not export · its rules are off"),
        (outcome(UNKNOWN), [problem("build-error")], 0, "✗ 1 problem"),
        (LATE_BOTH, [problem("timeout")], 0, "? not finished: out of time"),
        (LATE_BOTH, [], 0, "? not finished: out of time"),
        (
            LATE_STRICT,
            [problem("timeout", "information")],
            0,
            "? not finished: out of time · exports in non-strict mode",
        ),
        (
            outcome(STARTED),
            [problem("out-of-memory")],
            0,
            "? not finished: out of memory · exports in non-strict mode",
        ),
        (LATE_BAD, [ERROR, problem("timeout")], 0, "✗ 1 problem · not finished: out of time"),
        (
            outcome(UNKNOWN, stopped="worker-crash"),
            [problem("worker-crash")],
            0,
            "✗ 1 problem · not finished: the check crashed",
        ),
        (
            outcome(UNKNOWN, stopped="internal-error"),
            [problem("internal-error")],
            0,
            "? not finished: export-lsp failed",
        ),
        (outcome({}), [], 0, "not exported: no stage of the export is asked for"),
        (None, [], 0, "? not reached: the check ended before"),
    ],
)
def test_a_target(result: Outcome | None, problems: list[Problem], ignored: int, text: str) -> None:
    verdict = target_verdict(TargetFacts("model", result, tuple(problems), ignored))
    assert (verdict.text, verdict.state) == (text, STATES.get(text[0], "exports"))


def details(result: Outcome) -> dict[str, str]:
    return {each.label: each.text for each in target_verdict(TargetFacts("model", result)).details}


def test_the_details_of_a_target() -> None:
    assert details(GOOD) == {
        "Target": "`model`",
        "Modes": "non-strict exports, strict exports",
        "Results": "as in eager mode, on the example inputs",
        "Sizes": "of the example inputs",
        "Not asked for": "`save`",
        "Time": "1.2 s",
    }


def test_the_details_say_what_was_left_out_and_why() -> None:
    left_out = (LeftOut("run", "the program has state without values"), LeftOut("save", "of that"))
    found = details(outcome(STARTED, left_out=left_out, dynamic=True, stages=DEFAULT_STAGES[:-1]))
    assert found["Modes"] == "non-strict exports, strict not known"
    assert found["Results"] == (
        "not compared with eager mode, because the program has state without values"
    )
    assert found["Left out"] == "`save`, because of that"
    assert found["Sizes"] == "as in `dynamic_shapes`"
    assert found["Not asked for"] == "`save`, `decompose`"
    assert "no program" in details(outcome(NEITHER))["Results"]


A = TargetFacts("a", GOOD)
BAD = TargetFacts("bad", outcome(NEITHER), (ERROR,))
WARNED = TargetFacts("warned", GOOD, (WARNING,))
LATE = TargetFacts("late", outcome(UNKNOWN, stopped="timeout"), (problem("timeout"),))
QUIET = TargetFacts("quiet", outcome(NEITHER), (), 1)
UNCOMPARED = TargetFacts("uncompared", outcome(BOTH))
STRICT = TargetFacts("strict", outcome({"strict": "exports"}, agrees=True))


@pytest.mark.parametrize(
    ("targets", "problems", "text"),
    [
        ([A], [], "exports ✓ both modes · matches eager"),
        ([A], [problem("unused-ignore", "warning")], "! 1 problem · exports in both modes"),
        ([A, A], [], "2 targets export ✓ both modes · match eager"),
        ([A, UNCOMPARED], [], "2 targets export ✓ both modes · 1 not compared with eager"),
        ([A, STRICT], [], "2 targets export ✓ · match eager"),
        ([A, BAD, BAD], [], "✗ 1 problem in 2 of 3 targets"),
        ([A, BAD, WARNED], [], "✗ 2 problems in 2 of 3 targets"),
        ([A, WARNED], [], "! 1 problem in 1 of 2 targets"),
        ([A, LATE], [], "? 1 of 2 targets not finished"),
        ([BAD, LATE], [], "✗ 1 problem in 1 of 2 targets · 1 of 2 targets not finished"),
        ([A, QUIET], [], "1 of 2 targets does not export (ignored)"),
        ([A, A], [problem("unused-ignore", "warning")], "! 1 problem"),
        ([], [problem("load-error")], "✗ 1 problem"),
        ([], [problem("timeout")], "? not finished: out of time"),
        ([], [problem("no-target", "hint")], "not checked: no example inputs"),
    ],
)
def test_a_file(targets: list[TargetFacts], problems: list[Problem], text: str) -> None:
    verdict = file_verdict(FileFacts(tuple(targets), tuple(problems), NO_INPUTS))
    assert (verdict.text, verdict.state) == (text, STATES.get(text[0], "exports"))


def test_the_details_of_several_targets_are_their_verdicts() -> None:
    verdict = file_verdict(FileFacts((A, BAD)))
    assert verdict.details == (
        Detail("`a`", "exports ✓ both modes · matches eager"),
        Detail("`bad`", "✗ 1 problem"),
    )


def test_an_edited_file() -> None:
    verdict = file_verdict(FileFacts((A,), outdated=True))
    assert verdict.line == "exports ✓ both modes · matches eager · edited since"
    assert not file_verdict(FileFacts((A,))).outdated


def test_files_without_a_result() -> None:
    assert not_checked(NO_INPUTS).line == "not checked: no example inputs"
    assert unable("torch-missing", "The interpreter has no torch.").line == "no torch"
    assert unable("version-skew", "Start it again.").line == "the interpreter is broken"
    assert checking().line == "checking…"
    assert cancelled().line == "? not finished: cancelled"


def test_the_sentence_about_a_workspace() -> None:
    good, bad = target_verdict(A), target_verdict(BAD)
    broken = file_verdict(FileFacts((), (problem("load-error"),)))
    none = not_checked(NO_INPUTS)
    assert summary([good, good, bad], []) == "3 targets: 1 fails, 2 export."
    script = not_checked(SCRIPT)
    assert summary([good], [broken, script, none, none]) == (
        "1 target: 1 exports; 1 other file: 1 fails;"
        " 3 files not checked: 2 no example inputs, 1 exported by a script."
    )
    assert summary([], []) == "0 targets."


def test_every_verdict_fits_into_a_status_bar() -> None:
    every = [target_verdict(replace(each, ignored=3)) for each in (A, BAD, LATE, QUIET, UNCOMPARED)]
    every.append(Verdict("unchecked", "not checked: the folder is not trusted"))
    assert max(len(verdict.line) for verdict in every) <= 72
