"""The inputs that functions return which are given to `torch.cond`."""

from __future__ import annotations

import textwrap

import pytest

from tests.unit.marked_text import parse_marked

pytest.importorskip("torch")

CASES = [
    ("def f(h): return h\n«torch.cond(p, g, f, (x,))»", ["h"]),
    ("«torch.cond(p, lambda h: h + 1, lambda h: h[:1], (x,))»", ["h[:1]"]),
    ("«torch.cond(p, lambda h: h, lambda h: h.view(2, -1), (x,))»", ["h", "h.view(2, -1)"]),
    ("def f(a, b):\n    return a + 1, b\n«torch.cond(p, g, f, (x, y))»", ["b"]),
    ("def f(h):\n    h = h + 1\n    return h\n«torch.cond(p, f, f, (x,))»", []),
    ("y = x + 1\ndef f(): return y\n«torch.cond(p, f, lambda: x * 2)»", ["y"]),
    ("def f(h): return h.relu()\n«torch.cond(p, f, lambda h: h.sum(), (x,))»", []),
    ("«self.block(x)»", []),
]


@pytest.mark.parametrize(("body", "returned"), CASES)
def test_returned_inputs(body: str, returned: list[str]) -> None:
    from export_lsp.worker.places.returned_inputs import returned_inputs

    source, place = parse_marked(f"def forward(self, x, p):\n{textwrap.indent(body, '    ')}\n")
    call = source.expression_at(place)
    assert call is not None
    assert [source.excerpt(found) for found in returned_inputs(source, call)] == returned


def test_the_innermost_function_of_a_name() -> None:
    from export_lsp.worker.places.returned_inputs import returned_inputs

    text = (
        "class A:\n    def same(self, h): return h\n"
        "class B:\n    def same(self, h): return h.T\n"
        "    def forward(self, x): return «torch.cond(x, self.same, self.same, (x,))»\n"
    )
    source, place = parse_marked(text)
    call = source.expression_at(place)
    assert call is not None
    assert [source.excerpt(found) for found in returned_inputs(source, call)] == ["h.T"]
