"""Uses that code has for the inputs on the other side of a guard."""

from __future__ import annotations

import textwrap

import pytest

from export_lsp.worker.remedies.checks.other_side import is_taken
from tests.unit.marked_text import parse_marked

# The code around a guard between the marks, its answer, and whether the other side is taken.
CASES = [
    ("if «n > 3»: n = 3", False, True),
    ("if «n > 3»: return 0", False, True),
    ("if «n > 3»: raise ValueError", False, False),
    ("if «n > 3»:\n    text = str(n)\n    raise ValueError(text)", False, False),
    ("if not «n <= 3»: raise ValueError", True, False),
    ("if «n <= 3»: y = 1\nelse: raise ValueError", True, False),
    ("if «n <= 3»: y = 1\nelse: y = 2", True, True),
    ("if «n <= 3»: return y\nraise ValueError", True, False),
    ("if «n <= 3»: return y\nreturn 2", True, True),
    ("if «n > 3»:\n    if a: raise ValueError\n    else: raise TypeError", False, False),
    ("if «n > 3»:\n    if a: raise ValueError", False, True),
    ("assert «n <= 3»", True, False),
    ("assert not «n > 3», n", False, False),
    ("if self.training and «n > 3»: raise ValueError", False, False),
    ("if m is not None and «n > 3»: raise ValueError", False, False),
    ("if m > 1 and «n > 3»: raise ValueError", False, True),
    ("if m > 1 or «n > 3»: raise ValueError", False, False),
    ("if «n > 3» or m > 1: raise ValueError", False, False),
    ("y = 1 if «n > 3» else 2", False, True),
    ("while «n > 3»: n -= 1", False, True),
    ("y = [r for r in rows if «n > 3»]", False, True),
    ("y = min(«n > 3», 1)", False, True),
    ("y = «max(n, 3)»", False, True),
    ("y = x.sum(0, keepdim=«n > 3»)", False, True),
    ("y = «torch.cdist(x, x)»", True, False),
    ("y = «x.view(n, 3)»", True, False),
    ("if (m := «n > 3»): raise ValueError", False, False),
    ("if bool(«n > 3»): y = 1", False, True),
]


@pytest.mark.parametrize(("code", "side", "taken"), CASES)
def test_other_sides(code: str, side: bool, taken: bool) -> None:
    source, guard = parse_marked(f"def f():\n{textwrap.indent(code, '    ')}\n")
    assert is_taken(source, guard, side) is taken
