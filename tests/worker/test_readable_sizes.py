"""Expressions of sizes as people write them."""

from __future__ import annotations

import pytest
import sympy
from torch.utils._sympy.functions import FloorDiv, Mod, RoundToInt, ToFloat, TruncToInt

from export_lsp.worker.private.symbolic_shapes import readable

ROWS, BATCH = sympy.symbols("rows batch", integer=True, positive=True)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (RoundToInt(0.75 * ToFloat(ROWS)), "round(0.75*rows)"),
        (RoundToInt(0.75 * ToFloat(ROWS + BATCH)), "round(0.75*(batch + rows))"),
        (TruncToInt(0.1 * ToFloat(ROWS)), "math.trunc(0.1*rows)"),
        (FloorDiv(ROWS, 8), "rows // 8"),
        (sympy.Eq(Mod(ROWS, 8), 0), "(rows % 8) == 0"),
    ],
)
def test_no_conversions_and_short_numbers(expression: sympy.Basic, text: str) -> None:
    assert readable(expression) == text
