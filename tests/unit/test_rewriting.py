"""The edits for branches, assertions, state and definitions."""

from __future__ import annotations

import ast
import textwrap
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export_lsp.fixes.candidate import Candidate
from export_lsp.fixes.edits import apply
from export_lsp.fixes.writers import candidates_for
from export_lsp.protocol import Finding, Location, Remedy, RemedyKind
from export_lsp.source import Source
from tests.unit.marked_text import FILE, parse_marked

IMPORT = "import torch\n"


def found(kind: RemedyKind, source: Source, place: Location, **fields: Any) -> list[Candidate]:
    remedy = Remedy(kind, place, **fields)
    finding = Finding("graph-break", "capture", (), "model", place, "", remedies=(remedy,))
    return candidates_for(finding, {FILE: source})


def made(kind: RemedyKind, text: str, /, **fields: Any) -> list[str]:
    """Return the texts with the edits of each candidate of a kind, in the order to try."""
    source, place = parse_marked(text)
    return [apply(source, each.edits) for each in found(kind, source, place, **fields)]


# A function with a branch, and the first candidate for it; None if there is none.
BRANCHES = [
    (
        "def f(x):\n    if «x.sum() > 0»:\n        return x\n    return -x\n",
        "def f(x):\n    return torch.where(x.sum() > 0, x, -x)\n",
    ),
    (
        "def f(x):\n    if «x.any()»:  # why\n        x = -x  # so\n    return x\n",
        "def f(x):\n    # why\n    x = torch.where(x.any(), -x, x)  # so\n    return x\n",
    ),
    (
        "def f(x, y):\n    if not «y»:\n        a, x = 1, x\n    return x\n",
        None,
    ),
    (
        "def f(x, y):\n    if not «y»:\n        x = x * 2\n    return x\n",
        "def f(x, y):\n    x = torch.where(y, x, x * 2)\n    return x\n",
    ),
    (
        "def f(x):\n    if «x.max() > 1»:\n        return x\n    y = x + 1\n    return y\n",
        "def f(x):\n    y = x + 1\n    return torch.where(x.max() > 1, x, y)\n",
    ),
    (
        "def f(x):\n    if «x.max() > 1»:\n        return x\n    x = x + 1\n    return x\n",
        None,
    ),
    (
        "def f(x):\n    if «x.max() > 1»: y = 1\n    return x\n",
        None,
    ),
    (
        "def f(x):\n    if «x.max() > 1»:\n        y = 1\n    else:\n        y = 2\n    return y\n",
        "def f(x):\n    y = torch.where(x.max() > 1, 1, 2)\n    return y\n",
    ),
    (
        "def f(x):\n    y = 0\n    if «x.any()»:\n        y = 1\n        x = x + y\n    return x\n",
        "def f(x):\n    y = 0\n    condition = x.any()\n    y = torch.where(condition, 1, y)\n"
        "    x = torch.where(condition, x + y, x)\n    return x\n",
    ),
    (
        "def f(x):\n    if x is None:\n        return 1\n    elif «x.any()»:\n        return 2\n"
        "    else:\n        return 3\n",
        "def f(x):\n    if x is None:\n        return 1\n    else:\n"
        "        return torch.where(x.any(), 2, 3)\n",
    ),
    (
        "def f(x, on):\n    if on and «x.any()»:\n        x = -x\n    return x\n",
        "def f(x, on):\n    if on:\n        x = torch.where(x.any(), -x, x)\n    return x\n",
    ),
    (
        "def f(x, y):\n    if «x.any()» and y > 1:\n        return x\n    return y\n",
        "def f(x, y):\n    return torch.where(x.any() & (y > 1), x, y)\n",
    ),
    (
        "def f(x):\n    return g(x if «x.any()» else 0)\n",
        "def f(x):\n    return g(torch.where(x.any(), x, 0))\n",
    ),
    (
        "def f(self, x):\n    if «x.any()»:\n        return self.a(x)\n    return self.b(x)\n",
        "def f(self, x):\n    return torch.cond(x.any(), lambda: self.a(x), lambda: self.b(x))\n",
    ),
    (
        "def f(x, ids):\n    return x if «2 in ids» else -x\n",
        "def f(x, ids):\n    return torch.where((ids == 2).any(), x, -x)\n",
    ),
    (
        "def f(x, y):\n    return x if «torch.equal(x, y)» else y\n",
        "def f(x, y):\n    return torch.where((x == y).all(), x, y)\n",
    ),
    (
        "def f(x):\n    x += 1\n    if «x.any()»: x += 2\n    return x\n",
        None,
    ),
    (
        "def f(x):\n    y = x + 1\n    if «x.any()»: y *= x + 2\n    return y\n",
        "def f(x):\n    y = x + 1\n    y = torch.where(x.any(), y * (x + 2), y)\n    return y\n",
    ),
    (
        "def f(x):\n    for y in x:\n        if «y.any()»:\n            break\n    return x\n",
        None,
    ),
    (
        "def f(x):\n    while «x.any()»:\n        x = x - 1\n    return x\n",
        None,
    ),
]


@pytest.mark.parametrize(("text", "expected"), BRANCHES)
def test_a_branch_becomes_a_selection(text: str, expected: str | None) -> None:
    texts = made("branch", IMPORT + text)
    assert texts[:1] == ([] if expected is None else [IMPORT + expected])


# A function with a branch on a size or a number, and it with each candidate for the branch.
SIZE_BRANCHES = [
    ("if «n > self.most»:\n    n = self.most\nreturn n", ["n = min(n, self.most)\nreturn n"]),
    ("if «n <= least»: n = least\nreturn n", ["n = max(n, least)\nreturn n"]),
    ("if «3 < n»: n = 3\nreturn n", ["n = min(n, 3)\nreturn n"]),
    ("if «n > 3»: m = 3\nelse: m = n\nreturn m", ["m = min(n, 3)\nreturn m"]),
    ("if «n > 3»: m = n\nelse: m = 3\nreturn m", ["m = max(n, 3)\nreturn m"]),
    (
        "if «n > 9»:\n    n = 9\nelif n < 2:\n    n = 2\nreturn n",
        ["n = min(max(n, 2), 9)\nreturn n"],
    ),
    ("return x[: 3 if «n > 3» else n]", ["return x[: min(n, 3)]"]),
    (
        "if «y.shape[0] > k»:\n    y = y[:k]\nreturn y",
        ["y = y[:k]\nreturn y"],
    ),
    ("if «y.size(1) > k»: y = y[:, :k]\nreturn y", ["y = y[:, :k]\nreturn y"]),
    ("if «k < len(y)»: y = y[:k]\nreturn y", ["y = y[:k]\nreturn y"]),
    ("if «y.shape[0] > k»: y = y[:, :k]\nreturn y", []),
    ("if «n > 3»: n = 2\nreturn n", []),
    ("if «n == 3»: n = 4\nreturn n", []),
    ("if «n > 3» and x.training: n = 3\nreturn n", []),
    ("if «n == 0»:\n    n = 1\nreturn n", ["n = max(n, 1)\nreturn n", "return n"]),
    ("if «y.numel() == 0»:\n    return x\nreturn y", ["return y"]),
    ("if not «y.any()»: return x\nreturn y", ["return y"]),
    ("if 0 == «len(y)»: return x\nreturn y", ["return y"]),
    (
        "if «y.shape[0] > 0»:\n    # Some are left.\n    x = x + 1  # so\n\n    x = -x\nreturn x",
        ["# Some are left.\nx = x + 1  # so\n\nx = -x\nreturn x"],
    ),
    ("if «n >= 1»:\n    return y\nx = 2 * x\nreturn x", ["return y"]),
    ("if «n < 1»:\n    x = -x\nelse:\n    x = x + 1\nreturn x", ["x = x + 1\nreturn x"]),
    ("if n > 2:\n    x = y\nelif «n == 0»:\n    x = -x\nreturn x", []),
    ('if «n > 0»:\n    y = """a\n    b"""\nreturn y', []),
    ("return y.sum() if «y.numel()» else x", ["return y.sum()"]),
    ("return x if «n == 0» else y.sum()", ["return y.sum()"]),
    ("for y in x:\n    if «n == 0»: continue\nreturn x", ["for y in x:\n    pass\nreturn x"]),
    ("while «n > 0»: n = n - 1\nreturn n", []),
    ("assert «n > 0»\nreturn n", []),
]


@pytest.mark.parametrize(("body", "expected"), SIZE_BRANCHES)
def test_a_branch_on_a_size_is_written_without_it(body: str, expected: list[str]) -> None:
    def function(body: str) -> str:
        return f"def f(self, x, y, n):\n{textwrap.indent(body, '    ')}\n"

    assert made("size-branch", function(body)) == [function(each) for each in expected]


def test_only_limits_need_no_proof_on_both_sides() -> None:
    limited, dropped = (
        found("size-branch", *parse_marked(f"def f(n, y):\n    {code}\n    return y\n"))[0]
        for code in ("if «n > 3»: n = 3", "if «n == 0»: return 0")
    )
    assert (limited.needs_both_sides, dropped.needs_both_sides) == (False, True)
    assert dropped.title == "Drop the branch `if n == 0`"


def test_a_test_that_may_not_be_boolean_is_also_tried_as_one() -> None:
    texts = made("branch", IMPORT + "def f(x, y):\n    return x if «y» else -x\n")
    assert [text.splitlines()[-1].strip() for text in texts] == [
        "return torch.where(y, x, -x)",
        "return torch.cond(y, lambda: x.clone(), lambda: -x)",
        "return torch.where(y.bool(), x, -x)",
        "return torch.cond(y.bool(), lambda: x.clone(), lambda: -x)",
    ]


def test_a_long_selection_is_broken_into_lines() -> None:
    long = "torch.nn.functional.softplus(x, beta=2.0, threshold=12.0)"
    text = f"def f(x):\n\tif «x.any()»:\n\t\treturn {long}\n\treturn {long} + 1\n"
    assert made("branch", IMPORT + text)[0] == (
        f"{IMPORT}def f(x):\n\treturn torch.where(\n"
        f"\t\tx.any(),\n\t\t{long},\n\t\t{long} + 1,\n\t)\n"
    )


ASSERTIONS = [
    (
        'def f(x):\n    assert «x.any()», "none"\n    return x\n',
        'def f(x):\n    torch._assert_async(x.any(), "none")\n    return x\n',
        'def f(x):\n    assert torch.compiler.is_exporting() or x.any(), "none"\n    return x\n',
    ),
    (
        'def f(x):\n    if «x.min() < 0»:\n        raise ValueError("low")\n    return x\n',
        'def f(x):\n    torch._assert_async(~(x.min() < 0), "low")\n    return x\n',
        "def f(x):\n    if not torch.compiler.is_exporting() and x.min() < 0:\n"
        '        raise ValueError("low")\n    return x\n',
    ),
    (
        'def f(x, n):\n    if «n != x.sum()»:\n        raise ValueError(f"{n}")\n',
        "def f(x, n):\n    torch._assert_async(n == x.sum())\n",
        "def f(x, n):\n    if not torch.compiler.is_exporting() and n != x.sum():\n"
        '        raise ValueError(f"{n}")\n',
    ),
    (
        "def f(x, on):\n    assert on and not «x.any()»\n",
        "def f(x, on):\n    assert on\n    torch._assert_async(~x.any())\n",
        "def f(x, on):\n    assert torch.compiler.is_exporting() or (on and not x.any())\n",
    ),
    (
        "def f(x):\n    if «x.any()» or x.all():\n        raise ValueError\n",
        "def f(x):\n    torch._assert_async(~(x.any() | x.all()))\n",
        "def f(x):\n    if not torch.compiler.is_exporting() and (x.any() or x.all()):\n"
        "        raise ValueError\n",
    ),
]


@pytest.mark.parametrize(("text", "first", "last"), ASSERTIONS)
def test_an_assertion_becomes_part_of_the_program(text: str, first: str, last: str) -> None:
    texts = made("assertion", IMPORT + text)
    assert (texts[0], texts[-1]) == (IMPORT + first, IMPORT + last)


STATE = """\
class Count(Module):
    def __init__(self):
        self.n = torch.zeros(())
        self.register_buffer("m", torch.zeros(()))

    def forward(self, x):
        {}
        return x
"""
REGISTERED = 'self.register_buffer("n", torch.zeros(()), persistent=False)'


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("«self.n.add_(1)»", [(REGISTERED, "self.n.add_(1)")]),
        (
            "«self.n» = self.n + 1",
            [
                (REGISTERED, "self.n = self.n + 1"),
                (REGISTERED, "self.n.copy_(self.n + 1)"),
            ],
        ),
        ("«self.m» = self.m + x", [("self.n = torch.zeros(())", "self.m.copy_(self.m + x)")]),
        ("«self.other» = x", []),
    ],
)
def test_state_becomes_a_buffer(line: str, expected: list[tuple[str, str]]) -> None:
    texts = made("buffer", IMPORT + STATE.format(line))
    assert texts == [
        IMPORT + STATE.replace("self.n = torch.zeros(())", constructor).format(forward)
        for constructor, forward in expected
    ]


def test_a_dataclass_is_registered_after_its_definition() -> None:
    text = "«@dataclass\nclass Box:\n    x: int»\n\n\nBOX = 1\n"
    source, place = parse_marked(IMPORT + text)
    place = source.location_of(next(n for n in source.nodes if isinstance(n, ast.ClassDef)))
    [data] = found("register-class", source, place, text="Box", data={"dataclass": "yes"})
    plain = text.replace("«", "").replace("»", "")
    registered = "    x: int\n\n\ntorch.export.register_dataclass(Box)\n"
    assert apply(source, data.edits) == IMPORT + plain.replace("    x: int\n", registered)


@pytest.mark.parametrize(
    ("body", "known"),
    [
        ("self.a = a\n        self.b = b", True),
        ("self.a = a\n        self.b = b + 1", False),
        ("self.a = a", False),
    ],
)
def test_another_class_is_registered_if_it_only_keeps_its_arguments(body: str, known: bool) -> None:
    text = f"{IMPORT}«class Pair:\n    def __init__(self, a, b):\n        {body}»\n"
    texts = made("register-class", text, text="Pair")
    assert len(texts) == known
    if known:
        tail = texts[0].split("register_pytree_node")[1]
        assert "lambda parts, context: Pair(*parts)" in tail
        assert 'GetAttrKey("b"), value.b' in tail


def test_a_fake_kernel_is_added_after_the_real_one() -> None:
    text = (
        "«@torch.library.custom_op('a::b', mutates_args=())\n"
        "def b(x: torch.Tensor, n: int) -> torch.Tensor:\n    return x[:n].clone()»\nC = 1\n"
    )
    source, place = parse_marked(IMPORT + text)
    place = source.location_of(next(n for n in source.nodes if isinstance(n, ast.FunctionDef)))
    first, second = found("fake-kernel", source, place, text="a::b")
    kernel = "\n\n\n@b.register_fake\ndef _(x, n):\n    return {}\nC = 1\n"
    after = apply(source, first.edits)
    assert after.endswith(kernel.format("torch.empty_like(x)"))
    assert apply(source, second.edits).endswith(kernel.format("x.new_empty(x.shape[:-1])"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def f(x):\n    «graph_break()»\n    return x\n", "def f(x):\n    return x\n"),
        ("@a\n@«c.disable(why=1)»\ndef f(x): pass\n", "@a\ndef f(x): pass\n"),
    ],
)
def test_a_graph_break_is_removed(text: str, expected: str) -> None:
    assert made("remove", text) == [expected]


BLOCKS = [
    "if «t > 0»:\n{i}    x = x + 1\n",
    "if not «t > 0»:\n{i}    x = x + 1\n{i}    y = x * 2\n",
    "if «t > 0»:\n{i}    y = x\n{i}else:\n{i}    y = x - 3\n",
    "if on and «t > 0»:\n{i}    x = y\n{i}    y = x + 5\n",
    "if on or not on:\n{i}    x = 1 if «t > 0» else x\n",
    "if on:\n{i}    y = 4\n{i}elif «t > 0»:\n{i}    y = 6\n{i}else:\n{i}    y = 7\n",
    "if «t > 0» and y > 1:\n{i}    y -= 2\n",
    "if «t > 0»: t = t - 1\n",
]
ENDS = [
    "return x, y\n",
    "if «t > 0»: return x\n{i}return y\n",
    "if not «t > 0»:\n{i}    return y\n{i}z = x + y\n{i}return z\n",
    "if on and «t > 0»:\n{i}    return x\n{i}return y\n",
]
ONE = SimpleNamespace(
    where=lambda condition, yes, no: yes if condition else no,
    cond=lambda condition, yes, no: yes() if condition else no(),
)


@st.composite
def programs(draw: st.DrawFn) -> str:
    indent = draw(st.sampled_from(["    ", "\t", "  "]))
    blocks = draw(st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=3))
    parts = [*blocks, draw(st.sampled_from(ENDS))]
    body = "".join(f"{indent}{part.replace('{i}', indent)}" for part in parts)
    return f"import torch  # größer 🙂\n\ndef f(t, x, y, on):\n{body}"


@given(programs(), st.data())
def test_a_selection_returns_the_results_of_the_branch(program: str, data: st.DataObject) -> None:
    text = program.replace("«", "").replace("»", "")
    source = Source(FILE, "", text)
    assert source.tree is not None
    tests = [n for n in ast.walk(source.tree) if isinstance(n, ast.Compare) and n.lineno > 3]
    place = source.location_of(
        data.draw(st.sampled_from([n for n in tests if ast.unparse(n) == "t > 0"]))
        if any(ast.unparse(n) == "t > 0" for n in tests)
        else tests[0]
    )
    numbers = st.integers(-2, 3)
    values = data.draw(st.tuples(numbers, numbers, numbers, st.booleans()))
    for candidate in found("branch", source, place):
        after = apply(source, candidate.edits)
        if "~" not in after and ".clone()" not in after:
            assert result(after, values) == result(text, values), after


def result(text: str, values: tuple[Any, ...]) -> Any:
    """Return the function's result for plain numbers, with a `torch` that chooses at once."""
    names: dict[str, Any] = {"torch": ONE}
    exec(text.replace("import torch", ""), names)
    return names["f"](*values)
