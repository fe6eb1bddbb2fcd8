"""Conditions for `torch._check` from guards, as a person would write them."""

from __future__ import annotations

import pytest

sympy = pytest.importorskip("sympy")

U, N, S = (
    sympy.Symbol("u0", integer=True),
    sympy.Symbol("u1", integer=True),
    sympy.Symbol("s0", integer=True, positive=True),
)
NAMES = [(U, "picked.shape[0]"), (N, "n"), (S, "x.shape[1]")]


@pytest.mark.parametrize(
    ("guard", "holds", "stated"),
    [
        (sympy.Eq(U, 0), False, [["picked.shape[0] > 0"], ["picked.shape[0] != 0"]]),
        (sympy.Eq(2 * U, 0), False, [["picked.shape[0] > 0"], ["picked.shape[0] != 0"]]),
        (U > 5, True, [["picked.shape[0] > 5"]]),
        (U > 0, False, [["picked.shape[0] == 0"], ["picked.shape[0] <= 0"]]),
        (N < 1, False, [["n > 0"]]),
        (N >= 1, True, [["n > 0"]]),
        (sympy.Eq(N, 0), False, [["n != 0"]]),
        (-N <= 0, True, [["n >= 0"]]),
        (N + 1 <= S, True, [["n < x.shape[1]"]]),
        (N <= S, False, [["n > x.shape[1]"]]),
        (2 * U - 2 >= 0, True, [["picked.shape[0] > 0"]]),
        (sympy.Eq(U, S), True, [["picked.shape[0] == x.shape[1]"]]),
        (sympy.And(N >= 0, N < S), True, [["n >= 0", "n < x.shape[1]"]]),
        (sympy.Eq(U, sympy.Symbol("u9")), True, []),
    ],
)
def test_conditions(guard: object, holds: bool, stated: list[list[str]]) -> None:
    from export_lsp.worker.remedies.checks.conditions import conditions

    assert conditions(guard, holds, NAMES) == stated


def test_names_of_parts_and_of_whole_expressions() -> None:
    from export_lsp.worker.remedies.checks.conditions import conditions

    assert conditions(sympy.Eq(U, 0), False, [(2 * U, "nz.shape[0]")])[0] == ["nz.shape[0] > 0"]
    both = [(U + N, "both.shape[0]")]
    assert conditions(sympy.Eq(U + N, 1), True, both) == [["both.shape[0] == 1"]]


def test_symbolic_operators_of_torch() -> None:
    pytest.importorskip("torch")
    from torch.utils._sympy.functions import FloorDiv, Mod

    from export_lsp.worker.remedies.checks.conditions import conditions

    assert conditions(sympy.Eq(Mod(U, 4), 0), True, NAMES) == [["picked.shape[0] % 4 == 0"]]
    assert conditions(sympy.Eq(FloorDiv(U, 2), S), True, NAMES) == [
        ["picked.shape[0] // 2 == x.shape[1]"]
    ]
