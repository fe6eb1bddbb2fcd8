"""A fix is known again in a text that has it, whatever else was edited."""

from __future__ import annotations

import pytest

from export_lsp.engine.results.anchored import Anchored
from export_lsp.engine.results.applied import AppliedFixes
from export_lsp.engine.results.kinds import FIX
from export_lsp.fixes.edits import Edit, apply
from export_lsp.fixes.proof import Fix
from export_lsp.protocol import Location, Position
from export_lsp.source import Source, split_lines

FILE = "/project/model.py"
TEXT = """\
def forward(self, x):
    n = x.item()
    if n > 0:
        return int(w / 2)
    return x
"""
INSERTION = (2, 4, 4, "check(n)\n    ")
REPLACEMENT = (3, 15, 25, "w // 2")
WHOLE_LINE = (4, 0, 0, "    check(w)\n")


def fix(*edits: tuple[int, int, int, str]) -> Fix:
    made = tuple(
        Edit(Location(FILE, Position(line, start), Position(line, end)), text)
        for line, start, end, text in edits
    )
    return Fix("Fix it", "exports", made)


def applied(text: str, *edits: tuple[int, int, int, str]) -> str:
    return apply(Source(FILE, "", text), fix(*edits).edits)


def has(text: str | None, *edits: tuple[int, int, int, str]) -> tuple[bool, bool]:
    """Return whether a text has a fix, and whether it has a part of it."""
    now = split_lines(text) if text is not None else None
    known = Anchored(FIX, fix(*edits), {FILE: split_lines(TEXT)})
    fixes = AppliedFixes(lambda _: now)
    return known in fixes, fixes.has_part_of(known)


@pytest.mark.parametrize("edit", [INSERTION, REPLACEMENT, WHOLE_LINE])
def test_a_fix_in_the_text(edit: tuple[int, int, int, str]) -> None:
    assert has(TEXT, edit) == (False, False)
    assert has(None, edit) == (False, False)
    fixed = applied(TEXT, edit)
    assert has(fixed, edit) == (True, True)
    assert has(f"# above\n{fixed}# below\n", edit) == (True, True)
    assert has(fixed.replace("def forward", "def other"), edit) == (True, True)
    assert has(f"# above\n{TEXT}", edit) == (False, False)
    assert has(fixed.replace("check", "check_all").replace("w // 2", "w"), edit) == (False, False)


def test_several_edits_and_parts_of_them() -> None:
    both = INSERTION, REPLACEMENT
    assert has(applied(TEXT, *both), *both) == (True, True)
    assert has(applied(TEXT, INSERTION), *both) == (False, True)
    assert has(applied(TEXT, WHOLE_LINE), *both) == (False, False)


def test_the_same_text_at_another_place() -> None:
    elsewhere = TEXT.replace("    return x\n", "    check(n)\n    return x\n")
    assert has(elsewhere, INSERTION) == (False, False)
    assert has(f"check(n)\n{TEXT}", INSERTION) == (False, False)
