"""A little of the fuzzing that `python -m tests.faults.fuzz` does at length."""

from __future__ import annotations

from tests.faults import fuzz_lsp


def test_sessions() -> None:
    counts = fuzz_lsp.fuzz(150, number=1)
    assert counts["examples"] >= 150
    assert counts["answers with -32700"] > counts["answers with -32601"] > 0
    assert counts["answers with a result"] > 0
