"""When fixes are tried and offered, with checks that say what the tests want."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from export_lsp.engine.fixing import Budget, Event, FixExpected, FixFound, with_fixes
from export_lsp.protocol import (
    Check,
    Compared,
    Exited,
    Finding,
    Found,
    Loaded,
    Location,
    Position,
    Remedy,
    RunEvent,
    StageEntered,
    TargetStarted,
)
from export_lsp.source import Source

TEXT = "first = 1\nsecond = 2\n"


class World:
    """A file with findings, each of which its remedies say how to replace.

    Trials say of the texts in `wrong` that the problem is still there, of the `wrong_in_strict`
    that strict mode finds it, and of all others that they export.  A check goes on until `go_on` is
    set, a trial in strict mode until `go_on_in_strict` is.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / "model.py"
        self.file.write_text(TEXT)
        self.go_on = asyncio.Event()
        self.go_on_in_strict = asyncio.Event()
        self.go_on_in_strict.set()
        self.wrong: set[str] = set()
        self.wrong_in_strict: set[str] = set()
        self.found: list[Finding] = []
        self.tried: list[str] = []
        self.left: list[str] = []
        self.together = 0
        self._trials = 0

    def finding(self, line: int, *texts: str) -> Finding:
        location = Location(str(self.file), Position(line, 0), Position(line, 5))
        remedies = tuple(Remedy("replace", location, text) for text in texts)
        return Finding(
            "data-dependent-guard",
            "capture",
            ("non-strict",),
            "model",
            location,
            "",
            remedies=remedies,
        )

    async def carry_out(self, check: Check) -> AsyncGenerator[RunEvent, None]:
        source = Source.of(str(self.file), self.file.read_bytes())
        start = Location(str(self.file), Position(0, 0), Position(0, 0))
        yield TargetStarted(check.run, "model", start)
        if check.texts:
            async for event in self._trial(check):
                yield event
            return
        yield Loaded(check.run, {str(self.file): source.digest})
        yield StageEntered(check.run, "model", "capture", "non-strict")
        for finding in self.found:
            yield Found(check.run, finding)
        await self.go_on.wait()
        yield Exited(check.run, 0)

    async def _trial(self, check: Check) -> AsyncIterator[RunEvent]:
        [text] = check.texts.values()
        self.tried.append(text)
        self._trials += 1
        self.together = max(self.together, self._trials)
        try:
            if text in self.wrong:
                yield Found(check.run, self.found[0])
                await asyncio.Event().wait()  # strict mode would come now
            await asyncio.sleep(0)
            yield Compared(check.run, "model")
            await self.go_on_in_strict.wait()
            if text in self.wrong_in_strict:
                yield Found(check.run, replace(self.found[0], modes=("strict",)))
            yield Exited(check.run, 0)
        finally:
            self._trials -= 1
            self.left.append(text)

    def events(self, at_once: int = 1) -> AsyncGenerator[Event, None]:
        check = Check(1, str(self.file.parent), str(self.file))
        return with_fixes(self.carry_out, check, Budget(4, 60.0), at_once=at_once)

    async def offered(self, events: AsyncGenerator[Event, None], count: int) -> list[str]:
        """The texts that the first offers replace with."""
        texts: list[str] = []
        async for event in events:
            if isinstance(event, FixFound):
                texts += [edit.text for edit in event.fix.edits]
                if len(texts) == count:
                    break
        return texts


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_proof_that_nothing_else_decides_is_offered_while_the_check_goes_on(
    world: World,
) -> None:
    async def run() -> list[str]:
        world.found = [world.finding(0, "right")]
        return await asyncio.wait_for(world.offered(world.events(), 1), 10)

    assert asyncio.run(run()) == ["right"]
    assert not world.go_on.is_set()


def test_a_trial_ends_with_the_finding_that_refutes_it(world: World) -> None:
    async def run() -> list[str]:
        world.found = [world.finding(0, "bad", "good")]
        world.wrong = {TEXT.replace("first", "bad")}
        return await asyncio.wait_for(world.offered(world.events(), 1), 10)

    assert asyncio.run(run()) == ["good"]
    assert world.left[0] == TEXT.replace("first", "bad")


def test_what_one_mode_has_proved_is_told_until_the_other_has_its_say(world: World) -> None:
    async def run() -> list[Event]:
        told: list[Event] = []
        world.found = [world.finding(0, "right")]
        world.go_on_in_strict.clear()
        async for event in world.events():
            if isinstance(event, FixExpected):
                world.go_on_in_strict.set()
            if isinstance(event, (FixExpected, FixFound)):
                told.append(event)
            if isinstance(event, FixFound):
                break
        return told

    [expected, offered] = asyncio.run(asyncio.wait_for(run(), 10))
    assert isinstance(expected, FixExpected)
    assert expected.fix is not None
    assert "in non-strict mode" in expected.fix.title
    assert isinstance(offered, FixFound)
    assert offered.fix.title.endswith(": the export succeeds")
    assert offered.fix.edits == expected.fix.edits


def test_what_the_other_mode_refutes_is_not_expected_any_more(world: World) -> None:
    async def run() -> list[str | None]:
        told: list[str | None] = []
        world.found = [world.finding(0, "bad", "good")]
        world.wrong_in_strict = {TEXT.replace("first", "bad")}
        async for event in world.events():
            if isinstance(event, (FixExpected, FixFound)):
                told.append(event.fix.edits[0].text if event.fix is not None else None)
            if isinstance(event, FixFound):
                break
        return told

    assert asyncio.run(asyncio.wait_for(run(), 10)) == ["bad", None, "good", "good"]


@pytest.mark.parametrize("at_once", [1, 2])
def test_so_many_findings_are_seen_to_at_once(world: World, at_once: int) -> None:
    async def run() -> list[str]:
        world.found = [world.finding(0, "one"), world.finding(1, "two")]
        return await asyncio.wait_for(world.offered(world.events(at_once), 2), 10)

    assert sorted(asyncio.run(run())) == ["one", "two"]
    assert world.together == at_once
