"""Ranges of a checked text, found again in the edited text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export_lsp.engine.results.line_remapping import LineRemapping
from export_lsp.protocol import Position
from export_lsp.source import split_lines

OLD = """\
import torch

class M(torch.nn.Module):
    def forward(self, x):
        n = x.sum().item()
        if n > 0:
            return x
        return [
            x * 2,
        ]
"""
LINES = split_lines(OLD)


def place(text: str, old: str = OLD) -> tuple[Position, Position]:
    before = old[: old.index(text)].split("\n")
    start = Position(len(before) - 1, len(before[-1]))
    lines = text.split("\n")
    width = len(lines[-1]) + (start.character if len(lines) == 1 else 0)
    return start, Position(start.line + len(lines) - 1, width)


def remapped(new: str, text: str) -> tuple[Position, Position] | None:
    return LineRemapping(LINES, split_lines(new)).range(*place(text))


@pytest.mark.parametrize("text", ["n > 0", "x.sum().item()", "return [\n            x * 2,\n"])
@pytest.mark.parametrize(
    "edit",
    [
        ("", ""),
        ("import torch", "import math\nimport torch\n"),
        ("class M", "\n\n\nclass M"),
        ("        ]\n", "        ]\n\n\n# the end\n"),
        ("        if n > 0:", "        m = 1\n        if n > 0:"),
        ("import torch\n\n", ""),
        ("\n", "\r\n"),
    ],
)
def test_edits_elsewhere_move_the_range(text: str, edit: tuple[str, str]) -> None:
    count = -1 if edit[0] == "\n" else 1
    new = OLD.replace(*edit, count) if edit[0] else OLD
    start, end = place(text, new.replace("\r\n", "\n"))
    assert remapped(new, text) == (start, end)


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (("n > 0:", "n > 0:  # why"), "n > 0"),
        (("if n > 0:", "if (n > 0):"), "n > 0"),
        (("        n = x.sum", "        count = n = x.sum"), "x.sum().item()"),
        (("if n > 0:", "while n > 0:"), "n > 0"),
    ],
)
def test_edits_on_the_same_line_move_the_range(edit: tuple[str, str], text: str) -> None:
    new = OLD.replace(*edit)
    assert remapped(new, text) == place(text, new)


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (("n > 0", "n > 1"), "n > 0"),
        (("n > 0", "n >= 0"), "n > 0"),
        (("n > 0", "n > 0.5"), "n > 0"),
        (("n > 0", "len > 0"), "n > 0"),
        (("x.sum().item()", "x.sum().item().real"), "x.sum().item()"),
        (("x.sum()", "x.mean()"), "x.sum().item()"),
        (("        if n > 0:\n", ""), "n > 0"),
        (("            x * 2,", "            x * 3,"), "[\n            x * 2,\n        ]"),
        (("            x * 2,", "            x * 2,\n            x,"), "[\n            x * 2,\n"),
    ],
)
def test_an_edited_range_is_dropped(edit: tuple[str, str], text: str) -> None:
    assert remapped(OLD.replace(*edit), text) is None


def test_edits_above_and_below_leave_the_middle() -> None:
    new = OLD.replace("import torch\n", "import torch, math\n").replace("        ]", "        ][0]")
    assert remapped(new, "n > 0") == place("n > 0", new)


def test_an_empty_range_at_the_start_stays() -> None:
    new = split_lines("# a comment\n" + OLD)
    start = Position(0, 0)
    assert LineRemapping(LINES, split_lines(OLD.replace("import", "from"))).range(start, start) == (
        (start, start)
    )
    assert LineRemapping(LINES, new).range(start, start) == (Position(1, 0), Position(1, 0))


@given(
    st.lists(st.sampled_from("abcd"), max_size=12), st.lists(st.sampled_from("abcd"), max_size=12)
)
def test_a_mapped_line_has_the_same_text(old: list[str], new: list[str]) -> None:
    remapping = LineRemapping(old or [""], new or [""])
    for line, text in enumerate(old):
        found = remapping.range(Position(line, 0), Position(line, len(text)))
        if found is not None:
            assert new[found[0].line] == text


def test_edits_far_apart_in_a_long_file() -> None:
    old = [f"    x{number} = layer(x{number - 1})\n" for number in range(5000)]
    new = ["# first\n", *old[:2500], "# middle\n", *old[2501:], "# last\n"]
    remapping = LineRemapping(old, new)
    places = [remapping.range(Position(n, 4), Position(n, 8)) for n in range(0, 5000, 100)]
    assert places[1] == (Position(101, 4), Position(101, 8))
    assert places[25] is None
    assert places[49] == (Position(4901, 4), Position(4901, 8))


def test_a_range_beyond_the_old_text_is_gone() -> None:
    beyond = Position(len(LINES), 0)
    for new in (LINES[:-2], [*LINES, "y"], ["# first\n", *LINES]):
        assert LineRemapping(LINES, new).range(beyond, beyond) is None
