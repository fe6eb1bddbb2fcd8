"""Messages for sizes that dynamic_shapes allows and the code does not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from export_lsp.worker.stages import guards
from export_lsp.worker.stages.guards.violation_text import (
    Violation,
    suggested_fixes,
    violations,
    with_derived,
)
from tests.recorded_failures import Code, Declared, Model, NamedDim, entry, raised

CODE = Code("args = (x, y)\nz = f(x, y)\ndynamic_shapes = ({0: n}, {0: m})\n")
X, Y = "L['x'].size()[0]", "L['y'].size()[0]"
HEAD = 'Constraints violated (n)! For more information, run with TORCH_LOGS="+dynamic".\n'
CONSTANT = (
    "  - You marked n as dynamic but your code specialized it to be a constant (6). If you're"
)
RANGE = (
    "  - Not all values of n = L['x'].size()[0] in the specified range n <= 64 satisfy the"
    " generated guard {}\n"
)
EQUAL = "  - The values of n = L['x'].size()[0] and m = L['y'].size()[0] must always be equal.\n"
RELATED = (
    "  - The values of n = L['x'].size()[0] must always be related to the values of"
    " m = L['y'].size()[0] by n = m + 1.\n"
)
FIXES = "Suggested fixes:\n"
ANY_SIZE = "rewrite the expression so that it holds for every size"


def explained(
    text: str, *, second: str = "m", guard: bool = True, size: int = 6, assumed: bool = False
) -> list[Any]:
    entries = [
        entry(CODE, X, NamedDim("n"), size, "{0: n}"),
        entry(CODE, Y, NamedDim(second), size, "{0: m}"),
    ]
    guarded = (("Eq(s1, 6)", (X, Y), "f(x, y)"),) if guard else ()
    failure = CODE.failure(raised("UserError", text), stage="guards", guards=guarded)
    marked = [replace(each, assumed=assumed) for each in failure.symbols.guards]
    failure.symbols.guards[:] = marked
    declared: Any = Declared(CODE, Model(object()), entries)
    return guards.explain(failure, declared)


@pytest.mark.parametrize(
    ("text", "violation"),
    [
        (CONSTANT, Violation("constant", ("n",), "6")),
        (EQUAL, Violation("relation", (X, Y), None)),
        (RELATED, Violation("relation", (X, Y), "n = m + 1")),
        (RANGE.format(f"{X} <= 16"), Violation("range", (X,), f"the generated guard {X} <= 16")),
        (
            "hint of 1 for dimension inputs['x'].shape[0]",
            Violation("constant", (X,), "1"),
        ),
    ],
)
def test_a_line_of_torch_is_parsed(text: str, violation: Violation) -> None:
    assert violations(HEAD + text) == [violation]


def test_a_suggested_fix_comes_with_the_dims_it_is_derived_from() -> None:
    fixes = suggested_fixes(FIXES + "  _n = Dim('_n', min=1, max=16)\n  n = 4*_n\n")
    assert with_derived("n", fixes) == ["_n = Dim('_n', max=16)", "n = 4*_n"]
    assert with_derived("m", fixes) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            HEAD + CONSTANT + "\n" + FIXES + "  n = 6\n",
            ("works only if dimension 0 of `x` (`n`) is 6", "(in dynamic_shapes, `n = 6`)"),
        ),
        (HEAD + EQUAL + FIXES + "  n = m\n", ("to be equal", "(in dynamic_shapes, `n = m`)")),
        (
            HEAD
            + RANGE.format("(L['x'].size()[0] % 4) == 0.")
            + FIXES
            + "  _n = Dim('_n', min=1, max=16)\n  n = 4*_n\n",
            ("works only if `n` is a multiple of 4", "4 times another Dim", ANY_SIZE),
        ),
        (
            HEAD + RANGE.format("L['x'].size()[0] != 32.") + FIXES + "  n = Dim('n', max=32)\n",
            ("works only for `n = Dim('n', max=32)`", "allows other values for"),
        ),
        (
            HEAD + RANGE.format("(1/L['x'].size()[0]) == 0.125."),
            ("only if `1 / x.shape[0] == 0.125` (the example's value)", "use tensor operations"),
        ),
        (
            HEAD + RANGE.format("2 <= L['x'].size()[0] and L['x'].size()[0] <= 16"),
            ("works only where `2 <= x.shape[0] <= 16`", ANY_SIZE),
        ),
        (
            HEAD + RANGE.format("round(0.75*torch.sym_float(L['x'].size()[0])) >= 0."),
            ("`round(0.75 * x.shape[0]) >= 0`",),
        ),
    ],
)
def test_violations(text: str, words: tuple[str, ...]) -> None:
    [finding] = explained(text)
    assert finding.rule == "constraint-violation"
    assert CODE.text_at(finding.location) == "f(x, y)"
    assert finding.title.endswith(": `f(x, y)`")
    assert [word for word in words if word not in finding.message] == []


def test_a_relation_names_the_range_of_each_dimension() -> None:
    fixes = FIXES + "  m = Dim('m', max=63)\n  n = m + 1\n"
    text = HEAD + RANGE.format("2 <= L['x'].size()[0] and L['x'].size()[0] <= 63") + RELATED + fixes
    [finding] = explained(text)
    assert "needs `n = m + 1`" in finding.message
    assert "`m = Dim('m', max=63)` and `n = m + 1`" in finding.message


def test_dimensions_that_share_a_dim_are_named_together() -> None:
    [finding] = explained(HEAD + CONSTANT, second="n")
    assert "dimension 0 of `x` and `y` (`n`) is 6" in finding.message


def test_an_example_of_one() -> None:
    [finding] = explained(HEAD + CONSTANT.replace("(6)", "(1)"), guard=False, size=1)
    assert CODE.text_at(finding.location) == "(x, y)"
    assert "Use an example of size 2 or more" in finding.message
    assert [related.message for related in finding.related] == [
        "dimension 0 of `x` (`n`) is declared dynamic here"
    ]


def test_an_unknown_violation() -> None:
    [finding] = explained("Odd s77\nmore")
    assert finding.explanation == "dynamic_shapes does not hold for this model: UserError: Odd ?."


def test_a_violation_that_follows_from_an_assumed_number() -> None:
    assert explained(HEAD + CONSTANT, assumed=True) == []


def test_torch_2_6_counts_inputs_and_calls_constants_a_range() -> None:
    text = (
        HEAD
        + "  - Not all values of n = L['args'][1]['x'].size()[0] in the specified range n <= 64"
        " are valid because n was inferred to be a constant (6).\n" + FIXES + "  n = 6\n"
    )
    (finding,) = explained(text)
    assert CODE.text_at(finding.location) == "f(x, y)"
    assert finding.title == "Dynamic size that has to be 6: `f(x, y)`"
