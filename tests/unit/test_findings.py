"""Findings are merged into problems: one for each location, with its severity and message."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from export_lsp.findings import WAY_OUT, merge
from export_lsp.protocol import MODES, Finding, Location, Mode, Position, Related
from export_lsp.rules import RULES
from export_lsp.stages import Stage
from export_lsp.titles import STRICT_ONLY


def at(line: int, start: int, end: int, file: str = "/w/model.py") -> Location:
    return Location(file, Position(line, start), Position(line, end))


def finding(**changes: Any) -> Finding:
    fields: dict[str, Any] = {
        "rule": "graph-break",
        "stage": "capture",
        "modes": ("non-strict",),
        "target": "a",
        "location": at(3, 8, 20),
        "title": "Graph break: `f(x)`",
        "explanation": "Move it out of `forward`.",
    }
    return Finding(**{**fields, **changes})


def test_same_rule_and_place_is_one_problem() -> None:
    [problem] = merge(
        [
            finding(target="a"),
            finding(target="b"),
            finding(target="a", modes=("strict",), title="Dynamo's words"),
        ],
        modes=MODES,
        severities={},
    )
    assert problem.targets == ("a", "b")
    assert problem.modes == ("non-strict", "strict")
    assert problem.severity == "error"
    assert problem.message == "Graph break: `f(x)`\nMove it out of `forward`."


def test_the_words_of_non_strict_mode_is_kept_in_any_order() -> None:
    strict = finding(modes=("strict",), title="S", detail="s", data={"gb": "GB1"})
    plain = finding(title="N", detail="n")
    for order in ([strict, plain], [plain, strict]):
        [problem] = merge(order, modes=MODES, severities={})
        assert (problem.title, problem.detail, problem.data) == ("N", "n", {})


def test_a_failure_of_strict_mode_alone_is_a_warning() -> None:
    [problem] = merge([finding(modes=("strict",))], modes=MODES, severities={})
    assert problem.severity == "warning"
    assert problem.title == "Graph break: `f(x)` (strict only)"
    assert problem.explanation == f"Move it out of `forward`. {WAY_OUT}"


def test_non_strict_mode_is_suggested_only_if_it_exports() -> None:
    elsewhere = finding(location=at(9, 0, 4))
    strict = finding(modes=("strict",), alone=True)
    problem, _ = merge([strict, elsewhere], modes=MODES, severities={})
    assert problem.severity == "warning"
    assert problem.title == "Graph break: `f(x)` (strict only)"
    assert problem.explanation == "Move it out of `forward`."


def test_the_way_out_is_all_of_an_explanation_that_has_no_other() -> None:
    [problem] = merge([finding(modes=("strict",), explanation="")], modes=MODES, severities={})
    assert problem.message == f"Graph break: `f(x)` (strict only)\n{WAY_OUT}"


def test_strict_mode_checked_alone_has_full_severity() -> None:
    [problem] = merge([finding(modes=("strict",))], modes=("strict",), severities={})
    assert problem.severity == "error"
    assert not problem.title.endswith(STRICT_ONLY)


def test_a_target_checked_in_strict_mode_alone_has_full_severity() -> None:
    target_modes: dict[str, list[Mode]] = {"s": ["strict"]}
    strict = finding(modes=("strict",), target="s")
    [problem] = merge([strict], modes=MODES, severities={}, target_modes=target_modes)
    assert problem.severity == "error"
    both = finding(modes=("strict",), target="b")
    [problem] = merge([strict, both], modes=MODES, severities={}, target_modes=target_modes)
    assert problem.severity == "warning"


@pytest.mark.parametrize(
    ("rule", "modes", "severity"),
    [
        ("specialization", ("strict",), "warning"),
        ("specialization", ("non-strict",), "warning"),
        ("no-target", (), "hint"),
        ("load-error", (), "error"),
    ],
)
def test_default_severities(rule: Any, modes: tuple[Mode, ...], severity: str) -> None:
    [problem] = merge([finding(rule=rule, modes=modes)], modes=MODES, severities={})
    assert problem.severity == severity


def test_strict_mode_is_not_alone_if_non_strict_mode_stopped_earlier() -> None:
    elsewhere = finding(rule="data-dependent-guard", location=at(9, 4, 8))
    strict = finding(modes=("strict",), location=at(20, 4, 8))
    _, problem = merge([elsewhere, strict], modes=MODES, severities={})
    assert (problem.severity, problem.message) == ("error", strict.message)
    other = finding(modes=("strict",), location=at(20, 4, 8), target="b")
    _, problem = merge([elsewhere, other], modes=MODES, severities={})
    assert problem.severity == "warning"


@pytest.mark.parametrize("which", ["strict", "non-strict"])
def test_both_ends_of_one_cause_are_one_problem(which: str) -> None:
    needed, made = at(11, 4, 12), at(22, 4, 30)
    here, there = (needed, made) if which == "strict" else (made, needed)
    findings = [
        finding(rule="data-dependent-guard", location=there),
        finding(modes=("strict",), location=here),
    ]
    origin = (Related(made, "data becomes a number here"),)
    findings[which == "strict"] = replace(findings[which == "strict"], related=origin)
    [problem] = merge(findings, modes=MODES, severities={})
    assert (problem.rule, problem.location) == ("data-dependent-guard", there)
    assert problem.modes == ("non-strict", "strict")


def test_the_users_severity_overrides_that_of_strict_mode_alone() -> None:
    strict = finding(modes=("strict",))
    [problem] = merge([strict], modes=MODES, severities={"graph-break": "error"})
    assert problem.severity == "error"
    assert problem.title.endswith(STRICT_ONLY)
    [problem] = merge([finding()], modes=MODES, severities={"graph-break": "information"})
    assert problem.severity == "information"


def limit(**changes: Any) -> Finding:
    return finding(rule="timeout", limit=True, title="Too slow", **changes)


@pytest.mark.parametrize(
    ("stage", "modes", "severity"),
    [
        ("load", (), "error"),
        ("capture", ("non-strict",), "error"),
        ("capture", ("strict",), "information"),  # non-strict mode exports the model
        ("run", ("non-strict",), "information"),
        ("decompose", ("strict",), "information"),
    ],
)
def test_a_limit_is_information_once_the_model_is_exported(
    stage: Stage, modes: tuple[Mode, ...], severity: str
) -> None:
    late = limit(stage=stage, modes=modes)
    [problem] = merge([late], modes=MODES, severities={})
    assert problem.severity == severity
    [problem] = merge([late], modes=MODES, severities={"timeout": "warning"})
    assert problem.severity == "warning"
    assert not merge([late], modes=MODES, severities={"timeout": "off"})


def test_a_limit_of_strict_mode_alone_is_an_error_where_non_strict_mode_fails() -> None:
    strict = limit(modes=("strict",), location=at(9, 0, 4))
    _, problem = merge([finding(), strict], modes=MODES, severities={})
    assert (problem.rule, problem.severity) == ("timeout", "error")
    [problem] = merge([strict], modes=("strict",), severities={})
    assert problem.severity == "error"


def test_a_limit_of_one_target_does_not_make_that_of_another_milder() -> None:
    [problem] = merge([limit(stage="run"), limit(target="b")], modes=MODES, severities={})
    assert problem.severity == "error"


def test_a_limit_hides_no_failure() -> None:
    late = limit(stage="run", related=(Related(at(9, 8, 20), "called from here"),))
    strict = [finding(modes=("strict",), location=at(line, 8, 20)) for line in (3, 9)]
    problems = merge([late, *strict], modes=MODES, severities={})
    assert [(problem.rule, problem.severity) for problem in problems] == [
        ("graph-break", "warning"),
        ("timeout", "information"),
        ("graph-break", "warning"),
    ]


def test_off_drops_a_rule_and_no_other() -> None:
    other = finding(rule="data-dependent-branch", modes=("strict",))
    [problem] = merge([finding(), other], modes=MODES, severities={"graph-break": "off"})
    assert problem.rule == "data-dependent-branch"
    assert problem.severity == "warning"


@pytest.mark.parametrize("place", [at(3, 8, 20), at(3, 4, 30), at(3, 10, 12)])
def test_a_strict_finding_at_a_non_strict_one_is_part_of_its_detail(place: Location) -> None:
    plain = finding(rule="data-dependent-branch", title="N", detail="torch N")
    strict = finding(modes=("strict",), location=place, title="S", detail="torch S", target="b")
    [problem] = merge([strict, plain], modes=MODES, severities={})
    assert problem.rule == "data-dependent-branch"
    assert problem.title == "N"
    assert problem.modes == MODES
    assert problem.targets == ("a", "b")
    assert problem.findings == (plain, strict)
    assert problem.detail == "torch N\n\nIn strict mode this is graph-break: S\n\ntorch S"


@pytest.mark.parametrize(
    "place", [at(4, 8, 20), at(3, 15, 30), at(3, 8, 20, file="/w/other.py"), at(3, 21, 25)]
)
def test_findings_at_other_places_stay_apart(place: Location) -> None:
    strict = finding(rule="graph-break", modes=("strict",), location=place)
    problems = merge([finding(), strict], modes=MODES, severities={})
    assert len(problems) == 2


def test_the_exact_location_wins_over_a_wider_one() -> None:
    wide = finding(rule="forward-error", location=at(3, 0, 40))
    exact = finding(rule="data-dependent-branch")
    strict = finding(modes=("strict",))
    problems = merge([wide, exact, strict], modes=MODES, severities={})
    assert {p.rule: p.modes for p in problems} == {
        "forward-error": ("non-strict",),
        "data-dependent-branch": MODES,
    }


def test_two_strict_rules_at_one_place_stay_two() -> None:
    one = finding(modes=("strict",))
    two = finding(modes=("strict",), rule="unsupported-operator")
    assert len(merge([one, two], modes=MODES, severities={})) == 2


def test_two_non_strict_rules_at_one_place_stay_two() -> None:
    assert len(merge([finding(), finding(rule="forward-error")], modes=MODES, severities={})) == 2


def test_related_locations_are_united() -> None:
    one, two = Related(at(1, 0, 4), "called from here"), Related(at(2, 0, 4), "and here")
    again = Related(at(1, 0, 4), "in other words")
    [problem] = merge(
        [finding(related=(one,)), finding(modes=("strict",), related=(again, two))],
        modes=MODES,
        severities={},
    )
    assert problem.related == (one, two)


def test_a_problem_links_to_the_findings_page_or_the_rules() -> None:
    [own] = merge([finding(url="https://example.org/gb1")], modes=MODES, severities={})
    [general] = merge([finding()], modes=MODES, severities={})
    assert own.url == "https://example.org/gb1"
    assert general.url == RULES["graph-break"].url


def test_problems_are_in_reading_order() -> None:
    places = [at(9, 0, 1), at(2, 5, 6), at(2, 1, 3), at(0, 0, 1, file="/w/a.py")]
    problems = merge([finding(location=place) for place in places], modes=MODES, severities={})
    assert [problem.location for problem in problems] == [
        at(0, 0, 1, file="/w/a.py"),
        at(2, 1, 3),
        at(2, 5, 6),
        at(9, 0, 1),
    ]
