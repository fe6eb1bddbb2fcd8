"""A check is inserted before the statement around a location, in any syntax."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export_lsp.fixes.edits import ConflictError, Edit, apply, compose, differences
from export_lsp.fixes.kinds.check import candidates
from export_lsp.fixes.original_locations import OriginalLocations
from export_lsp.protocol import Location, Remedy, Replacement
from export_lsp.source import Source
from tests.unit.marked_text import FILE, parse_marked

IMPORT = "import torch\n"

# The text with the location in marks, and the text with the check; None if it cannot be inserted.
PLACES = [
    (
        ("def f(x, n):\n    y = 1\n    return «x[:n]»\n"),
        ("def f(x, n):\n    y = 1\n    torch._check(n > 0)\n    return x[:n]\n"),
    ),
    (
        ("def f(x, n):\n\tif x:\n\t\treturn (x +\n «x[:n]»)\n"),
        ("def f(x, n):\n\tif x:\n\t\ttorch._check(n > 0)\n\t\treturn (x +\n x[:n])\n"),
    ),
    (
        ("def f(x, n):\n    a = 1; b = «x[:n]»; c = 2  # c\n"),
        ("def f(x, n):\n    a = 1; torch._check(n > 0); b = x[:n]; c = 2  # c\n"),
    ),
    (
        ("def f(x, n):\n    if x: return «x[:n]»  # why\n    else: y = 2; z = 1\n"),
        (
            "def f(x, n):\n"
            "    if x:\n"
            "        torch._check(n > 0)\n"
            "        return x[:n]  # why\n"
            "    else: y = 2; z = 1\n"
        ),
    ),
    (
        ("def f(x, n):\n    if x: y = 2\n    else: y = «x[:n]»; z = 1\n"),
        (
            "def f(x, n):\n"
            "    if x: y = 2\n"
            "    else:\n"
            "        torch._check(n > 0)\n"
            "        y = x[:n]; z = 1\n"
        ),
    ),
    (
        "def f(x, n): return «x[:n]»\n",
        ("def f(x, n):\n    torch._check(n > 0)\n    return x[:n]\n"),
    ),
    (
        ("def f(x, n):\n    if x: \\\n        return «x[:n]»\n"),
        ("def f(x, n):\n    if x:\n        torch._check(n > 0)\n        return x[:n]\n"),
    ),
    (
        ("def f(x, n):\n    if x:\n        y = 1\n    elif «n > 1»:\n        y = 2\n"),
        (
            "def f(x, n):\n"
            "    torch._check(n > 0)\n"
            "    if x:\n"
            "        y = 1\n"
            "    elif n > 1:\n"
            "        y = 2\n"
        ),
    ),
    (
        (
            "def f(x, m):\n"
            "    if (n := m.item()) > 5:\n"
            "        y = 1\n"
            "    # note\n"
            "    elif «n > 1»:\n"
            "        y = '''a\n"
            "  b'''\n"
            "\n"
            "        # c\n"
            "        if x: y = 1\n"
            "    else:\n"
            "        y = (1 +\n"
            "2)\n"
            "    return y\n"
        ),
        (
            "def f(x, m):\n"
            "    if (n := m.item()) > 5:\n"
            "        y = 1\n"
            "    # note\n"
            "    else:\n"
            "        torch._check(n > 0)\n"
            "        if n > 1:\n"
            "            y = '''a\n"
            "  b'''\n"
            "\n"
            "            # c\n"
            "            if x: y = 1\n"
            "        else:\n"
            "            y = (1 +\n"
            "    2)\n"
            "    return y\n"
        ),
    ),
    (
        ("def f(x, n):\n    while «n > 0»:\n        if x: continue\n        x = n\n"),
        (
            "def f(x, n):\n"
            "    torch._check(n > 0)\n"
            "    while n > 0:\n"
            "        if x: continue\n"
            "        x = n\n"
        ),
    ),
    (
        (
            "def f(x, n):\n"
            "    while «n > 0»:\n"
            "        if x: continue\n"
            "        for y in x:\n"
            "            continue\n"
            "        n = n - 1 # z\n"
            "    return n"
        ),
        (
            "def f(x, n):\n"
            "    torch._check(n > 0)\n"
            "    while n > 0:\n"
            "        if x:\n"
            "            torch._check(n > 0)\n"
            "            continue\n"
            "        for y in x:\n"
            "            continue\n"
            "        n = n - 1 # z\n"
            "        torch._check(n > 0)\n"
            "    return n"
        ),
    ),
    (
        ("def f(x, n):\n    while «n > 0»: n = n - 1; x = 1"),
        (
            "def f(x, n):\n"
            "    torch._check(n > 0)\n"
            "    while n > 0:\n"
            "        n = n - 1; x = 1\n"
            "        torch._check(n > 0)"
        ),
    ),
    (
        ("def f(x, rows):\n    return [«x[:n]» for n in rows]\n"),
        None,
    ),
    (
        ("def f(x, n, rows):\n    return [«x[:n]» for r in rows]\n"),
        ("def f(x, n, rows):\n    torch._check(n > 0)\n    return [x[:n] for r in rows]\n"),
    ),
    (
        ("def f(x, n, rows):\n    return [r for n in «rows[:n]»]\n"),
        ("def f(x, n, rows):\n    torch._check(n > 0)\n    return [r for n in rows[:n]]\n"),
    ),
    (
        ("def f(x, m):\n    g = lambda n: «x[:n]» + 1  # sl\n    return g(m)\n"),
        (
            "def f(x, m):\n"
            "    def g(n):\n"
            "        torch._check(n > 0)\n"
            "        return x[:n] + 1  # sl\n"
            "    return g(m)\n"
        ),
    ),
    (
        (
            "def f(x, m):\n"
            "    g = (lambda n, k=2: (\n"
            "        «x[:n]» +\n"
            "        1))\n"
            "    return g(m)\n"
        ),
        (
            "def f(x, m):\n"
            "    def g(n, k=2):\n"
            "        torch._check(n > 0)\n"
            "        return (\n"
            "        x[:n] +\n"
            "        1)\n"
            "    return g(m)\n"
        ),
    ),
    (
        ("def f(x, m):\n    return torch.map(m, fn=lambda n: «x[:n]»)\n"),
        (
            "def f(x, m):\n"
            "    def fn(n):\n"
            "        torch._check(n > 0)\n"
            "        return x[:n]\n"
            "    return torch.map(m, fn=fn)\n"
        ),
    ),
    (
        ("def f(x, m):\n    return torch.map(m, lambda n: x[0]\n       + «x[:n]»)\n"),
        (
            "def f(x, m):\n"
            "    def function(n):\n"
            "        torch._check(n > 0)\n"
            "        return (x[0]\n"
            "       + x[:n])\n"
            "    return torch.map(m, function)\n"
        ),
    ),
    (
        ("def f(x, n):\n    @deco(«n > 3»)\n    def g(): pass\n"),
        ("def f(x, n):\n    torch._check(n > 0)\n    @deco(n > 3)\n    def g(): pass\n"),
    ),
    (
        ("def f(x, n):\n    def g(k=«x[:n]»): pass\n"),
        ("def f(x, n):\n    torch._check(n > 0)\n    def g(k=x[:n]): pass\n"),
    ),
    (
        ("def f(x, k):\n    return (n := k.item()) + «x[:n]»\n"),
        None,
    ),
    (
        ("def f(x, k):\n    n = «x[:k]»\n"),
        None,
    ),
    (
        ("def f(x, k):\n    «n = x[:k]»\n"),
        None,
    ),
    (
        ("def f(x, n):\n    n = «x[:n]»\n"),
        ("def f(x, n):\n    torch._check(n > 0)\n    n = x[:n]\n"),
    ),
    (
        ("def f(x, k):\n    if k:\n        n = 2\n    else:\n        y = «x[:n]»\n"),
        None,
    ),
    (
        ("def f(x, n):\n    torch._check(n > 0)\n    torch._check(n > 1)\n    return «x[:n]»\n"),
        None,
    ),
    (
        ("def f(x, n):\n    match «x[:n]»:\n        case [a]: pass\n"),
        ("def f(x, n):\n    torch._check(n > 0)\n    match x[:n]:\n        case [a]: pass\n"),
    ),
    (
        ("def f(x, n):\n    match x:\n        case [n] if «x[:n]»: pass\n"),
        None,
    ),
    (
        ("def f(x, n):\n    match x:\n        case [a]: y = «x[:n]»\n"),
        (
            "def f(x, n):\n"
            "    match x:\n"
            "        case [a]:\n"
            "            torch._check(n > 0)\n"
            "            y = x[:n]\n"
        ),
    ),
    (
        ("def f(x, n):\n    with a() as b, «c(n)» as d: return b\n"),
        ("def f(x, n):\n    torch._check(n > 0)\n    with a() as b, c(n) as d: return b\n"),
    ),
    (
        ("def f(x, n):\n    with a() as n, «c(n)» as d: return b\n"),
        None,
    ),
    (
        ("class A:\n    n = 2\n    y = «x[n]»\n    def f(self): return n\n"),
        ("class A:\n    n = 2\n    torch._check(n > 0)\n    y = x[n]\n    def f(self): return n\n"),
    ),
    (
        ("def f(x, n):\n    y = f'{«x[:n]»} {[n for n in x]}'\n"),
        ("def f(x, n):\n    torch._check(n > 0)\n    y = f'{x[:n]} {[n for n in x]}'\n"),
    ),
    (
        ("def f(x, n):\n    y = f'{[«x[:n]» for n in x]}'\n"),
        None,
    ),
    (
        ("def f(x, n):\n    try: y = «x[:n]»\n    except E: pass\n"),
        (
            "def f(x, n):\n"
            "    try:\n"
            "        torch._check(n > 0)\n"
            "        y = x[:n]\n"
            "    except E: pass\n"
        ),
    ),
]


def edits_of(text: str, condition: str = "n > 0") -> tuple[Source, tuple[Edit, ...] | None]:
    source, place = parse_marked(text)
    found = list(candidates(Remedy("check", place, condition), {FILE: source}))
    return source, found[0].edits if found else None


def checked(text: str, condition: str = "n > 0") -> str | None:
    source, edits = edits_of(text, condition)
    return None if edits is None else apply(source, edits)


@pytest.mark.parametrize(("text", "expected"), PLACES)
def test_a_check_is_inserted_before_the_statement(text: str, expected: str | None) -> None:
    assert checked(IMPORT + text) == (None if expected is None else IMPORT + expected)


@pytest.mark.parametrize("newline", ["\r\n", "\n"])
def test_line_ends_and_tabs_are_those_of_the_file(newline: str) -> None:
    text = newline.join(["import torch", "def f(x, n):", "\tif x: return «x[:n]»", ""])
    lines = [
        "import torch",
        "def f(x, n):",
        "\tif x:",
        "\t\ttorch._check(n > 0)",
        "\t\treturn x[:n]",
    ]
    assert checked(text) == newline.join([*lines, ""])


@pytest.mark.parametrize(
    ("head", "expected", "call"),
    [
        ("import torch as th\n", "import torch as th\n", "th._check"),
        ("from torch import nn\n", "from torch import nn\nimport torch\n", "torch._check"),
        ('"""Text."""\n', '"""Text."""\nimport torch\n', "torch._check"),
        (
            "from __future__ import annotations\n",
            "from __future__ import annotations\nimport torch\n",
            "torch._check",
        ),
    ],
)
def test_torch_is_imported_if_it_is_not_yet(head: str, expected: str, call: str) -> None:
    text = checked(head + "def f(x, n):\n    return «x[:n]»\n")
    assert text is not None
    assert f"    {call}(n > 0)\n" in text
    assert [line for line in text.splitlines() if "import" in line] == [
        line for line in expected.splitlines() if "import" in line
    ]
    assert ast.get_docstring(ast.parse(text)) == ast.get_docstring(ast.parse(head))


def test_an_expression_is_named_for_the_check() -> None:
    text = "import torch\ndef f(x, keep):\n    return norm(«x[keep]»)\n"
    source, place = parse_marked(text)
    remedy = Remedy("check", place, "kept.shape[0] > 0", (Replacement(place, "kept"),))
    [candidate] = candidates(remedy, {FILE: source})
    assert apply(source, candidate.edits) == (
        "import torch\ndef f(x, keep):\n    kept = x[keep]\n"
        "    torch._check(kept.shape[0] > 0)\n    return norm(kept)\n"
    )
    assert candidate.title == "Insert `torch._check(kept.shape[0] > 0)`"


STATEMENTS = [
    "y = x[:n]",
    "y = g(x,\n{i}      n)  # 寸法 🙂",
    "if n > 2: y = x[:n]; z = 1",
    "if x:\n{i}    y = x[:n]\n{i}elif n > 1:\n{i}    y = x\n{i}else: y = 0",
    "for k in range(3): y = x[:n]",
    'text = """a\n  n\n"""; y = n',
    "with c(n): y = x",
    "y = [n for _ in x]",
    "def g(): return x[:n]",
]


@st.composite
def programs(draw: st.DrawFn) -> tuple[Source, list[Location]]:
    """Draw a function of some statements, and the locations of `n` in it."""
    indent = draw(st.sampled_from(["    ", "\t", "  "]))
    body = draw(st.lists(st.sampled_from(STATEMENTS), min_size=1, max_size=5))
    comment = draw(st.sampled_from(["", "  # ’尺寸’"]))
    text = f"import torch{comment}\n\ndef f(x, n):\n"
    text += "".join(f"{indent}{line.replace('{i}', indent)}\n" for line in body)
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    source = Source(FILE, "", text)
    assert source.tree is not None
    names = [n for n in ast.walk(source.tree) if isinstance(n, ast.Name) and n.id == "n"]
    return source, [source.location_of(name) for name in names]


def statements(text: str) -> list[str]:
    """Return the simple statements and the conditions of a program, sorted, without checks."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.If, ast.While)):
            found.append(ast.dump(node.test))
        elif isinstance(node, (ast.Assign, ast.Return)):
            found.append(ast.dump(node))
    return sorted(found)


def check_edits(source: Source, place: Location) -> tuple[Edit, ...] | None:
    found = list(candidates(Remedy("check", place, "n > 0"), {FILE: source}))
    return found[0].edits if found else None


@given(programs(), st.data())
def test_edits_leave_the_rest_as_it_is(
    program: tuple[Source, list[Location]], data: st.DataObject
) -> None:
    source, places = program
    place = data.draw(st.sampled_from(places))
    edits = check_edits(source, place)
    if edits is None:
        return
    text = apply(source, edits)
    assert statements(text) == statements(source.text)
    assert "torch._check(n > 0)" in text
    enclosing = [node for node in source.enclosing(place) if isinstance(node, ast.stmt)]
    outermost = source.location_of(enclosing[-2] if len(enclosing) > 1 else enclosing[-1])
    first, last = outermost.start.line, outermost.end.line
    before, after = source.text.splitlines(), text.splitlines()
    assert after[:first] == before[:first]
    assert after[len(after) - (len(before) - last - 1) :] == before[last + 1 :]


@given(programs(), st.data())
def test_edits_compose_in_any_order(
    program: tuple[Source, list[Location]], data: st.DataObject
) -> None:
    source, places = program
    chosen = data.draw(st.lists(st.sampled_from(places), max_size=3))
    fixes = [
        edits
        for place in dict.fromkeys(chosen)
        if (edits := check_edits(source, place)) is not None
    ]
    try:
        forwards = apply(source, compose(fixes))
    except ConflictError:  # they change the same text, in any order
        with pytest.raises(ConflictError):
            apply(source, compose(list(reversed(fixes))))
        return
    assert apply(source, compose(list(reversed(fixes)))) == forwards
    assert statements(forwards) == statements(source.text)


@given(programs(), st.data())
def test_locations_outside_the_edits_are_mapped_back(
    program: tuple[Source, list[Location]], data: st.DataObject
) -> None:
    source, places = program
    edits = check_edits(source, data.draw(st.sampled_from(places)))
    if edits is None:
        return
    after = source.edited(apply(source, edits))
    original = OriginalLocations({FILE: source}, edits)
    assert after.tree is not None
    found = 0
    for node in ast.walk(after.tree):
        if isinstance(node, ast.Name):
            place = original.of(after.location_of(node))
            if place is not None:
                found += 1
                assert source.excerpt(place) == node.id
    assert found >= len(places)


@given(st.text(alphabet="ab\n\r\x0c\u2028 "), st.text(alphabet="ab\n\r\x0c\u2028 "))
def test_differences_turn_one_text_into_another(before: str, after: str) -> None:
    source = Source(FILE, "", before)
    assert apply(source, differences(source, after)) == after
