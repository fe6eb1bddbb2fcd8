"""Expressions that a trace cannot see through, written so that it can."""

from __future__ import annotations

import pytest

from tests.unit.marked_text import parse_marked

pytest.importorskip("torch")

# An expression, and the first that is tried instead.
QUOTIENTS = [
    ("int(w / 2)", "w // 2"),
    ("int(w / 2.0)", "w // 2"),
    ("int(w * 0.5)", "w // 2"),
    ("int(w * 0.75)", "(w * 3) // 4"),
    ("int(w * 0.1)", "w // 10"),
    ("int((h + 1) / self.stride)", "(h + 1) // self.stride"),
    ("math.floor(w / 4)", "w // 4"),
    ("int(math.ceil(w / 2))", "-(-w // 2)"),
    ("math.ceil(x.shape[0] / 8)", "-(-x.shape[0] // 8)"),
    ("int(w * 0.3)", None),
    ("int(w * scale)", None),
    ("int(w * 2.0)", None),
    ("int(w + 0.5)", None),
    ("round(w / 2)", None),
]


@pytest.mark.parametrize(("text", "instead"), QUOTIENTS)
def test_a_rounded_quotient_of_a_size(text: str, instead: str | None) -> None:
    from export_lsp.worker.remedies.rewrites import remedies

    source, place = parse_marked(f"size = «{text}»\n")
    texts = [remedy.text for remedy in remedies(source, place)]
    assert texts[:1] == ([instead] if instead is not None else [])
