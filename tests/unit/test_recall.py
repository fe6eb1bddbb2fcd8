"""Results of earlier checks: the questions they answer, and their locations in edited text."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export_lsp.engine.files import disk
from export_lsp.engine.fixing import Budget
from export_lsp.engine.recall import PastResult, Question, Recall, surroundings
from export_lsp.engine.recall import recall as recall_module
from export_lsp.engine.recall.disk_cache import DiskCache
from export_lsp.engine.recall.recall import VARIANTS
from export_lsp.engine.recall.token_remapping import TokenRemapping, token_digest
from export_lsp.engine.results.anchored import Anchored
from export_lsp.engine.results.kinds import FINDING, FIX
from export_lsp.engine.results.owner_result import Offer, Reported
from export_lsp.fixes.edits import Edit
from export_lsp.fixes.proof import Fix
from export_lsp.observed import key
from export_lsp.protocol import Check, Finding, Location, Position, Ready, Related
from export_lsp.source import split_lines

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


def disk_lines(file: str) -> list[str]:
    return split_lines(Path(file).read_text())


class World:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "model.py"
        self.packages = folder / "site-packages"
        self.packages.mkdir()
        (folder / "data").mkdir()
        self.imported = folder / "imported.py"
        self.imported.touch()
        self.outside = folder / "outside.py"
        self.outside.write_text("number = 1\n")
        self.question = Question(
            Check(0, str(folder), str(self.file)), Budget(4, 60.0), folder / "python"
        )
        self.file.write_text(TEXT)

    def observed(self) -> dict[str, str]:
        """Return the observations of a check that asks for a file and imports a module."""
        keys = (
            key("kind", str(self.folder / "flag")),
            key("content", str(self.outside)),
            key("names", str(self.folder / "data")),
            key("environment", "TMUX"),
        )
        return {**self.ready().observed, **disk.look_again(dict.fromkeys(keys, ""))}

    def ready(self) -> Ready:
        """Return the report of a host that has imported a module outside."""
        observed = disk.look_again({key("stamp", str(self.imported)): ""})
        packages = (str(self.packages),)
        return Ready(1, "python", "2.13", 1, True, 0.0, packages=packages, observed=observed)

    def recall(self) -> Recall:
        """Return the memory of a new session."""
        return Recall(self.folder / "cache")

    def result(self, message: str = "a guard") -> PastResult:
        """Return the result of a check of the current file."""
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
            title=message,
            related=(Related(call, "data becomes a size here"),),
            detail=f'File "{self.file}", line 3, in forward',
        )
        line = Location(str(self.file), start, start)
        edit = Edit(line, "    torch._check(picked.shape[0] > 0)\n")
        fix = Fix("a check", "exports", (edit,), "check")
        offer = Offer(Anchored.reading(FIX, fix, disk_lines))
        return PastResult(
            digests={str(self.file): str(disk.digests([str(self.file)])[str(self.file)])},
            observed=self.observed(),
            values=(Reported(Anchored.reading(FINDING, finding, disk_lines), (offer,)),),
            fix_all=offer,
            targets=("model",),
            modes={"model": ("non-strict", "strict")},
            complete=True,
        )


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def find(recall: Recall, question: Question) -> PastResult | None:
    return asyncio.run(recall.find(question))


def without_tokens(past: PastResult | None) -> PastResult | None:
    return past and replace(past, tokens={})


def in_text(past: PastResult, text: str) -> PastResult:
    """Return the result with locations in another text."""
    [reported], lines = past.values, split_lines(text)
    texts = dict.fromkeys(reported.anchored.texts, lines)
    anchored = replace(reported.anchored, texts=texts)
    return replace(past, values=(Reported(anchored),), fix_all=None)


def test_the_next_session_finds_a_result(world: World) -> None:
    first, past = world.recall(), world.result()
    first.note_host(world.question.interpreter, world.ready())
    first.keep(world.question, past, time.time())
    asyncio.run(first.close())
    assert without_tokens(find(world.recall(), world.question)) == past


def test_a_result_with_places_in_another_text_is_not_kept(world: World) -> None:
    recall, past = world.recall(), world.result()
    recall.note_host(world.question.interpreter, world.ready())
    newer = in_text(past, f"# a comment\n{TEXT}")
    recall.keep(world.question, newer, time.time())
    assert find(recall, world.question) is None
    recall.keep(world.question, past, time.time())
    assert find(recall, world.question) is not None


def test_a_result_in_a_file_with_a_byte_order_mark_is_kept(world: World) -> None:
    world.file.write_text(TEXT, encoding="utf-8-sig")
    recall = world.recall()
    recall.note_host(world.question.interpreter, world.ready())
    recall.keep(world.question, in_text(world.result(), TEXT), time.time())
    assert find(recall, world.question) is not None


def test_two_sessions_at_a_time(world: World) -> None:
    one, other = world.recall(), world.recall()
    for recall in (one, other):
        recall.note_host(world.question.interpreter, world.ready())
    past = world.result()
    one.keep(world.question, past, time.time())
    asyncio.run(one.close())
    assert without_tokens(find(other, world.question)) == past


def test_an_unknown_interpreter_has_no_results(world: World) -> None:
    recall = world.recall()
    recall.keep(world.question, world.result(), time.time())
    assert find(recall, world.question) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda world: world.file.write_text(TEXT.replace("== 0", "== 1")),
        lambda world: world.file.unlink(),
        lambda world: os.utime(world.packages, (1, 1)),
        lambda world: setattr(
            world,
            "question",
            replace(world.question, check=replace(world.question.check, device="cpu")),
        ),
        lambda world: setattr(world, "question", replace(world.question, budget=Budget(0, 0.0))),
    ],
    ids=["other code", "no file", "another package", "another setting", "another budget"],
)
def test_another_question_has_no_answer(world: World, change: Callable[[World], object]) -> None:
    recall = world.recall()
    recall.note_host(world.question.interpreter, world.ready())
    recall.keep(world.question, world.result(), time.time())
    assert find(recall, world.question) is not None
    change(world)
    assert find(recall, world.question) is None


@pytest.mark.parametrize(
    "change",
    [
        lambda world, patch: world.outside.write_text("number = 2\n"),
        lambda world, patch: world.outside.unlink(),
        lambda world, patch: world.imported.write_text("number = 2\n"),
        lambda world, patch: (world.folder / "flag").touch(),
        lambda world, patch: (world.folder / "data" / "more").touch(),
        lambda world, patch: patch.setenv("MODEL_SIZE", "3"),
        lambda world, patch: patch.setenv("TMUX", "/tmp/tmux"),
        lambda world, patch: patch.setattr(surroundings, "effective_umask", lambda: 0o027),
        lambda world, patch: patch.setattr(surroundings, "_LOCALTIME", str(world.file)),
        lambda world, patch: patch.setattr(os, "cpu_count", lambda: 77),
    ],
    ids=[
        *("a module outside", "no module outside", "a module of the host"),
        *("a file that was asked for", "a listing"),
        *("the environment", "a variable of the terminal", "the umask", "the time zone"),
        "the machine",
    ],
)
@pytest.mark.parametrize("comment", ["", "# a comment\n"])
def test_another_observation_is_another_question(
    world: World, change: Callable[[World, object], object], comment: str, monkeypatch: Any
) -> None:
    recall = world.recall()
    recall.note_host(world.question.interpreter, world.ready())
    recall.keep(world.question, world.result(), time.time())
    world.file.write_text(comment + TEXT)
    assert find(recall, world.question) is not None
    change(world, monkeypatch)
    assert find(recall, world.question) is None


def test_a_variable_of_the_terminal_that_was_not_read_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    recall = world.recall()
    recall.note_host(world.question.interpreter, world.ready())
    recall.keep(world.question, world.result(), time.time())
    monkeypatch.setenv("VSCODE_PID", "123")
    assert find(recall, world.question) is not None


def test_an_installation_during_a_check_drops_its_result(world: World) -> None:
    recall = world.recall()
    recall.note_host(world.question.interpreter, world.ready())
    begun = world.packages.stat().st_mtime - 1
    recall.keep(world.question, world.result(), begun)
    assert find(recall, world.question) is None


def test_a_result_of_an_outdated_host_is_not_kept(world: World) -> None:
    recall = world.recall()
    recall.note_host(world.question.interpreter, world.ready())
    world.imported.write_text("number = 2\n")
    recall.keep(world.question, world.result(), time.time())
    assert find(recall, world.question) is None


def test_a_result_of_the_host_before_is_not_kept(world: World) -> None:
    """Another check may find the host outdated and open it again while this one goes on."""
    recall, past = world.recall(), world.result()
    recall.note_host(world.question.interpreter, world.ready())
    world.imported.write_text("number = 2\n")
    recall.note_host(world.question.interpreter, world.ready())
    recall.keep(world.question, past, time.time())
    assert find(recall, world.question) is None
    recall.keep(world.question, world.result(), time.time())
    assert find(recall, world.question) is not None


def test_a_host_that_is_outdated_while_a_result_is_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The result belongs to what the host has imported, not to what is there now."""
    recall = world.recall()
    recall.note_host(world.question.interpreter, world.ready())
    is_unchanged = disk.is_unchanged

    def write_afterwards(observed: dict[str, str]) -> bool:
        answer = is_unchanged(observed)
        world.imported.write_text("number = 2\n")
        return answer

    monkeypatch.setattr(disk, "is_unchanged", write_afterwards)
    recall.keep(world.question, world.result(), time.time())
    assert find(recall, world.question) is None


def test_results_of_several_versions_are_kept(world: World) -> None:
    recall = world.recall()
    recall.note_host(world.question.interpreter, world.ready())
    for version in range(VARIANTS):
        world.file.write_text(f"{TEXT}version = {version}\n")
        recall.keep(world.question, world.result(f"version {version}"), time.time())
    for version in range(VARIANTS):
        world.file.write_text(f"{TEXT}version = {version}\n")
        found = find(recall, world.question)
        assert found is not None
        assert found.values[0].value.title == f"version {version}"


def test_garbage_on_disk_is_ignored(world: World) -> None:
    first = world.recall()
    first.note_host(world.question.interpreter, world.ready())
    first.keep(world.question, world.result(), time.time())
    asyncio.run(first.close())
    for file in (world.folder / "cache").iterdir():
        file.write_bytes(b"\0garbage")
    assert find(world.recall(), world.question) is None


async def test_a_disk_that_does_not_answer_costs_one_short_wait(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its results are unknown, the session ends, and later results are found again."""
    answers, waiting = threading.Event(), threading.Event()

    def read(self: DiskCache, key: str) -> None:
        waiting.set()
        answers.wait()

    monkeypatch.setattr(DiskCache, "get", read)
    monkeypatch.setattr(recall_module, "PATIENCE", 0.05)
    recall = world.recall()
    assert await recall.find(world.question) is None
    assert waiting.is_set()
    monkeypatch.setattr(recall_module, "PATIENCE", 60)
    assert await recall.find(world.question) is None
    recall.keep(world.question, world.result(), time.time())
    monkeypatch.setattr(recall_module, "PATIENCE", 0.05)
    await recall.close()
    answers.set()


def test_comments_and_whitespace_move_places(world: World) -> None:
    recall = world.recall()
    recall.note_host(world.question.interpreter, world.ready())
    recall.keep(world.question, world.result(), time.time())
    new = TEXT.replace("    picked = x", "    # why\n\n    picked  =  x").replace(
        "0:\n", "0:  # nothing\n"
    )
    world.file.write_text(new)
    found = find(recall, world.question)
    assert found is not None
    [shown] = found.values
    assert (shown.value.location.start, shown.value.location.end) == place(new, GUARD)
    [related] = shown.value.related
    assert related.location.start == place(new, "self.choice(x)")[0]
    assert shown.value.detail == f'File "{world.file}", line 5, in forward'
    assert shown.proved[0].fix.edits[0].location.start == Position(4, 0)
    assert found.fix_all is not None
    assert found.fix_all.fix.edits == shown.proved[0].fix.edits


def test_other_whitespace_in_an_underlined_expression_starts_a_check(
    world: World,
) -> None:
    recall = world.recall()
    recall.note_host(world.question.interpreter, world.ready())
    recall.keep(world.question, world.result(), time.time())
    world.file.write_text(TEXT.replace(GUARD, "picked.shape[0]  ==  0"))
    assert find(recall, world.question) is None


def test_another_indentation_drops_the_edits_only(world: World) -> None:
    recall = world.recall()
    recall.note_host(world.question.interpreter, world.ready())
    recall.keep(world.question, world.result(), time.time())
    world.file.write_text(TEXT.replace("    ", "  "))
    found = find(recall, world.question)
    assert found is not None
    assert found.fix_all is None
    assert found.values[0].proved == ()


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
def test_equal_tokens(one: str, other: str, same: bool) -> None:
    assert (token_digest(one) == token_digest(other)) is same


def test_invalid_tokens_have_no_digest() -> None:
    assert token_digest("a = (") is None


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
    assert token_digest(new) == token_digest(TEXT)
    remapping = TokenRemapping(TEXT, new)
    for part in (GUARD, "self.choice(x)", "return picked", "def", "0", "x[self.choice(x)]"):
        assert remapping.range(*place(TEXT, part)) == place(new, part)


def test_a_file_written_while_its_result_is_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The result of a check is not kept for the text that was written after it."""
    nothing_found = replace(world.result(), values=(), fix_all=None)
    lines_of = disk.lines

    def lines_of_the_next_save(file: str) -> list[str] | None:
        world.file.write_text(TEXT.replace("== 0", "== 1"))
        return lines_of(file)

    recall = world.recall()
    recall.note_host(world.question.interpreter, world.ready())
    monkeypatch.setattr(disk, "lines", lines_of_the_next_save)
    recall.keep(world.question, nothing_found, time.time())
    assert find(recall, world.question) is None
    asyncio.run(recall.close())
