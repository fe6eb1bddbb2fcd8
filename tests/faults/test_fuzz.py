"""A short run of the fuzzer of editor messages; `python -m tests.faults.fuzz` runs it at length."""

from __future__ import annotations

from tests.faults import fuzz_lsp


def test_sessions() -> None:
    counts = fuzz_lsp.fuzz(300, number=1)
    assert counts["examples"] >= 300
    assert {"answers with a result", "answers with -32700", "answers with -32602"} <= set(counts)
