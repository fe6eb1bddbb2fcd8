"""Results that are remembered: which question's they are, and where their places are now."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export_lsp.engine.files import disk
from export_lsp.engine.fixing import Budget
from export_lsp.engine.recall import Asked, Recall, Remembered, Shown
from export_lsp.engine.recall.code import Way, code_of
from export_lsp.engine.recall.recall import VARIANTS
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.proof import Fix
from export_lsp.protocol import Check, Finding, Location, Position, Related

TEXT = """\
def forward(self, x):
    picked = x[self.choice(x)]
    if picked.shape[0] == 0:
        return x
    return picked
"""
GUARD = "picked.shape[0] == 0"


def place(text: str, part: str) -> tuple[Position, Position]:
    before = text[: text.index(part)]
    line, character = before.count("\n"), len(before) - before.rfind("\n") - 1
    return Position(line, character), Position(line, character + len(part))


class World:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "model.py"
        self.packages = folder / "site-packages"
        self.packages.mkdir()
        self.asked = Asked(
            Check(0, str(folder), str(self.file)), Budget(4, 60.0), folder / "python"
        )
        self.file.write_text(TEXT)

    def recall(self) -> Recall:
        """As a session has it."""
        return Recall(self.folder / "cache")

    def remembered(self, message: str = "a guard") -> Remembered:
        """What a check of the file as it is came to."""
        text = self.file.read_text()
        location = Location(str(self.file), *place(text, GUARD))
        call = Location(str(self.file), *place(text, "self.choice(x)"))
        start = Position(location.start.line, 0)
        finding = Finding(
            rule="data-dependent-guard",
            stage="capture",
            modes=("non-strict",),
            target="model",
            location=location,
            message=message,
            related=(Related(call, "data becomes a size here"),),
            detail=f'File "{self.file}", line 3, in forward',
        )
        line = Location(str(self.file), start, start)
        edit = Edit(line, "    torch._check(picked.shape[0] > 0)\n")
        fix = Fix("a check", "exports", (edit,), "check")
        return Remembered(
            digests={str(self.file): str(disk.digests([str(self.file)])[str(self.file)])},
            texts={str(self.file): text},
            shown=(Shown(finding, (fix,)),),
            whole=fix,
            targets=("model",),
            modes={"model": ("non-strict", "strict")},
            complete=True,
        )


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def find(recall: Recall, asked: Asked) -> Remembered | None:
    return asyncio.run(recall.find(asked))


def without_codes(remembered: Remembered | None) -> Remembered | None:
    return remembered and replace(remembered, codes={})


def test_the_next_session_knows(world: World) -> None:
    first, remembered = world.recall(), world.remembered()
    first.learn(world.asked.interpreter, (str(world.packages),))
    first.keep(world.asked, remembered, time.time())
    first.close()
    assert without_codes(find(world.recall(), world.asked)) == remembered


def test_places_in_a_text_that_the_run_had_not_read_are_not_remembered(world: World) -> None:
    recall, remembered = world.recall(), world.remembered()
    recall.learn(world.asked.interpreter, (str(world.packages),))
    newer = {str(world.file): f"# a comment\n{TEXT}"}
    recall.keep(world.asked, replace(remembered, texts=newer), time.time())
    assert find(recall, world.asked) is None
    recall.keep(world.asked, remembered, time.time())
    assert find(recall, world.asked) is not None


def test_a_file_with_a_byte_order_mark_is_remembered(world: World) -> None:
    world.file.write_text(TEXT, encoding="utf-8-sig")
    recall = world.recall()
    recall.learn(world.asked.interpreter, (str(world.packages),))
    decoded = {str(world.file): TEXT}
    recall.keep(world.asked, replace(world.remembered(), texts=decoded), time.time())
    assert find(recall, world.asked) is not None


def test_two_sessions_at_a_time(world: World) -> None:
    one, other = world.recall(), world.recall()
    for recall in (one, other):
        recall.learn(world.asked.interpreter, (str(world.packages),))
    remembered = world.remembered()
    one.keep(world.asked, remembered, time.time())
    one.close()
    assert without_codes(find(other, world.asked)) == remembered


def test_nothing_is_known_of_an_unknown_interpreter(world: World) -> None:
    recall = world.recall()
    recall.keep(world.asked, world.remembered(), time.time())
    assert find(recall, world.asked) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda world: world.file.write_text(TEXT.replace("== 0", "== 1")),
        lambda world: world.file.unlink(),
        lambda world: os.utime(world.packages, (1, 1)),
        lambda world: setattr(
            world, "asked", replace(world.asked, check=replace(world.asked.check, device="cpu"))
        ),
        lambda world: setattr(world, "asked", replace(world.asked, budget=Budget(0, 0.0))),
    ],
    ids=["other code", "no file", "another package", "another setting", "another budget"],
)
def test_another_question_has_no_answer(world: World, change: Callable[[World], object]) -> None:
    recall = world.recall()
    recall.learn(world.asked.interpreter, (str(world.packages),))
    recall.keep(world.asked, world.remembered(), time.time())
    assert find(recall, world.asked) is not None
    change(world)
    assert find(recall, world.asked) is None


def test_what_was_installed_during_a_check_makes_it_forgotten(world: World) -> None:
    recall = world.recall()
    recall.learn(world.asked.interpreter, (str(world.packages),))
    begun = world.packages.stat().st_mtime - 1
    recall.keep(world.asked, world.remembered(), begun)
    assert find(recall, world.asked) is None


def test_a_file_has_several_versions(world: World) -> None:
    recall = world.recall()
    recall.learn(world.asked.interpreter, (str(world.packages),))
    for version in range(VARIANTS):
        world.file.write_text(f"{TEXT}version = {version}\n")
        recall.keep(world.asked, world.remembered(f"version {version}"), time.time())
    for version in range(VARIANTS):
        world.file.write_text(f"{TEXT}version = {version}\n")
        found = find(recall, world.asked)
        assert found is not None
        assert found.shown[0].finding.message == f"version {version}"


def test_garbage_on_disk_is_no_answer(world: World) -> None:
    first = world.recall()
    first.learn(world.asked.interpreter, (str(world.packages),))
    first.keep(world.asked, world.remembered(), time.time())
    first.close()
    for file in (world.folder / "cache").iterdir():
        file.write_bytes(b"\0garbage")
    assert find(world.recall(), world.asked) is None


def test_comments_and_space_move_places(world: World) -> None:
    recall = world.recall()
    recall.learn(world.asked.interpreter, (str(world.packages),))
    recall.keep(world.asked, world.remembered(), time.time())
    new = TEXT.replace("    picked = x", "    # why\n\n    picked  =  x").replace(
        "0:\n", "0:  # nothing\n"
    )
    world.file.write_text(new)
    found = find(recall, world.asked)
    assert found is not None
    [shown] = found.shown
    assert (shown.finding.location.start, shown.finding.location.end) == place(new, GUARD)
    [related] = shown.finding.related
    assert related.location.start == place(new, "self.choice(x)")[0]
    assert shown.finding.detail == f'File "{world.file}", line 5, in forward'
    assert shown.fixes[0].edits[0].location.start == Position(4, 0)
    assert found.whole is not None
    assert found.whole.edits == shown.fixes[0].edits


def test_what_a_message_may_quote_is_checked_again_when_it_is_written_otherwise(
    world: World,
) -> None:
    recall = world.recall()
    recall.learn(world.asked.interpreter, (str(world.packages),))
    recall.keep(world.asked, world.remembered(), time.time())
    world.file.write_text(TEXT.replace(GUARD, "picked.shape[0]  ==  0"))
    assert find(recall, world.asked) is None


def test_another_indentation_drops_the_edits_only(world: World) -> None:
    recall = world.recall()
    recall.learn(world.asked.interpreter, (str(world.packages),))
    recall.keep(world.asked, world.remembered(), time.time())
    world.file.write_text(TEXT.replace("    ", "  "))
    found = find(recall, world.asked)
    assert found is not None
    assert found.whole is None
    assert found.shown[0].fixes == ()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a = 1\n", "a = 1  # one\n", True),
        ("a = 1\n", "\n\n# one\na=1", True),
        ("a = 1\n", "a = 1\r\n", True),
        ("if a:\n    b\n", "if a:\n\tb\n", True),
        ("def f():\n    'a  b'\n", "def f():\n    'a b'\n", False),
        ("if a:\n    b\nc\n", "if a:\n    b\n    c\n", False),
        ("def f(a):\n    # type: (int) -> int\n    ...\n", "def f(a):\n    ...\n", False),
        ("a = (1,\n  2)\n", "a = (1, 2)\n", True),
    ],
)
def test_code(one: str, other: str, same: bool) -> None:
    assert (code_of(one) == code_of(other)) is same


def test_what_does_not_tokenize_has_no_code() -> None:
    assert code_of("a = (") is None


@given(
    st.lists(
        st.tuples(st.sampled_from(["", "# a", "    # b", "\t"]), st.sampled_from(["", "  # c"])),
        min_size=5,
        max_size=5,
    )
)
def test_every_token_is_found_again(additions: list[tuple[str, str]]) -> None:
    lines = TEXT.splitlines()
    new = "".join(
        f"{before}\n{line}{after}\n" for line, (before, after) in zip(lines, additions, strict=True)
    )
    assert code_of(new) == code_of(TEXT)
    way = Way(TEXT, new)
    for part in (GUARD, "self.choice(x)", "return picked", "def", "0", "x[self.choice(x)]"):
        assert way.range(*place(TEXT, part)) == place(new, part)


def test_a_file_written_while_its_result_is_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a check found is not taken for what the next text of the file gives."""
    nothing_found = replace(world.remembered(), texts={}, shown=(), whole=None)
    lines_of = disk.lines

    def lines_of_the_next_save(file: str) -> list[str] | None:
        world.file.write_text(TEXT.replace("== 0", "== 1"))
        return lines_of(file)

    recall = world.recall()
    recall.learn(world.asked.interpreter, (str(world.packages),))
    monkeypatch.setattr(disk, "lines", lines_of_the_next_save)
    recall.keep(world.asked, nothing_found, time.time())
    assert find(recall, world.asked) is None
    recall.close()
