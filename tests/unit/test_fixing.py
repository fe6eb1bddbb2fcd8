"""The search for fixes, with scripted checks and trials."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from export_lsp.engine.fixing import (
    Budget,
    Event,
    FixExpected,
    FixFound,
    NoFixFound,
    with_fixes,
)
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
BUDGET = Budget(4, 60.0)


class World:
    """A file with findings, whose remedies replace a word by another.

    A trial of a text in `wrong` finds the problem again, and one of a text in `wrong_in_strict`
    finds it in strict mode; all others export.  A check ends once `check_may_end` is set, a trial
    once `strict_may_end` is.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / "model.py"
        self.file.write_text(TEXT)
        self.check_may_end = asyncio.Event()
        self.strict_may_end = asyncio.Event()
        self.strict_may_end.set()
        self.wrong: set[str] = set()
        self.wrong_in_strict: set[str] = set()
        self.found: list[Finding] = []
        self.tried: list[str] = []
        self.ended: list[str] = []
        self.most_trials = 0
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
        await self.check_may_end.wait()
        yield Exited(check.run, 0)

    async def _trial(self, check: Check) -> AsyncIterator[RunEvent]:
        [text] = check.texts.values()
        self.tried.append(text)
        self._trials += 1
        self.most_trials = max(self.most_trials, self._trials)
        try:
            if text in self.wrong:
                yield Found(check.run, self.found[0])
                await asyncio.Event().wait()  # strict mode would come now
            await asyncio.sleep(0)
            yield Compared(check.run, "model")
            await self.strict_may_end.wait()
            if text in self.wrong_in_strict:
                yield Found(check.run, replace(self.found[0], modes=("strict",)))
            yield Exited(check.run, 0)
        finally:
            self._trials -= 1
            self.ended.append(text)

    def events(self, at_once: int = 1, budget: Budget = BUDGET) -> AsyncGenerator[Event, None]:
        check = Check(1, str(self.file.parent), str(self.file))
        return with_fixes(self.carry_out, check, budget, at_once=at_once)

    async def reasons(self, budget: Budget = BUDGET) -> list[str]:
        """Return why there are no fixes."""
        self.check_may_end.set()
        events = self.events(budget=budget)
        return [each.reason async for each in events if isinstance(each, NoFixFound)]

    async def replacements(self, events: AsyncGenerator[Event, None], count: int) -> list[str]:
        """Return the replacements of the first fixes."""
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


def test_a_fix_that_needs_no_more_findings_is_proved_during_the_check(
    world: World,
) -> None:
    async def run() -> list[str]:
        world.found = [world.finding(0, "right")]
        return await asyncio.wait_for(world.replacements(world.events(), 1), 10)

    assert asyncio.run(run()) == ["right"]
    assert not world.check_may_end.is_set()


def test_a_trial_ends_with_the_finding_that_refutes_it(world: World) -> None:
    async def run() -> list[str]:
        world.found = [world.finding(0, "bad", "good")]
        world.wrong = {TEXT.replace("first", "bad")}
        return await asyncio.wait_for(world.replacements(world.events(), 1), 10)

    assert asyncio.run(run()) == ["good"]
    assert world.ended[0] == TEXT.replace("first", "bad")


def test_a_fix_is_expected_from_the_proof_of_one_mode_to_that_of_the_other(world: World) -> None:
    async def run() -> list[Event]:
        events: list[Event] = []
        world.found = [world.finding(0, "right")]
        world.strict_may_end.clear()
        async for event in world.events():
            if isinstance(event, FixExpected):
                world.strict_may_end.set()
            if isinstance(event, (FixExpected, FixFound)):
                events.append(event)
            if isinstance(event, FixFound):
                break
        return events

    [expected, offered] = asyncio.run(asyncio.wait_for(run(), 10))
    assert isinstance(expected, FixExpected)
    assert expected.fix is not None
    assert "in non-strict mode" in expected.fix.title
    assert isinstance(offered, FixFound)
    assert offered.fix.title.endswith(": the export succeeds")
    assert offered.fix.edits == expected.fix.edits


def test_a_fix_that_strict_mode_refutes_is_no_longer_expected(world: World) -> None:
    async def run() -> list[str | None]:
        events: list[str | None] = []
        world.found = [world.finding(0, "bad", "good")]
        world.wrong_in_strict = {TEXT.replace("first", "bad")}
        async for event in world.events():
            if isinstance(event, (FixExpected, FixFound)):
                events.append(event.fix.edits[0].text if event.fix is not None else None)
            if isinstance(event, FixFound):
                break
        return events

    assert asyncio.run(asyncio.wait_for(run(), 10)) == ["bad", None, "good", "good"]


def test_a_search_that_finds_nothing_says_why(world: World) -> None:
    async def run(budget: Budget, *texts: str) -> list[str]:
        world.found = [world.finding(0, *texts)]
        return await asyncio.wait_for(world.reasons(budget), 10)

    world.wrong = {TEXT.replace("first", "bad"), TEXT.replace("first", "worse")}
    assert asyncio.run(run(BUDGET)) == ["no edit is known that may help"]
    first = "Replace `first` with `bad`: the problem remains"
    assert asyncio.run(run(BUDGET, "bad")) == [f"1 edit was tried. {first}"]
    assert asyncio.run(run(BUDGET, "bad", "worse")) == [f"2 edits were tried. {first}"]
    assert asyncio.run(run(BUDGET, "bad", "good")) == []
    assert asyncio.run(run(Budget(0, 60.0), "good")) == ["`fix-candidates` is 0"]
    world.strict_may_end = asyncio.Event()
    late = "none was proved within 0.1 s (`fix-seconds`)"
    assert asyncio.run(run(Budget(4, 0.1), "good")) == [late]


def test_a_problem_beside_one_that_is_fixed_says_so(world: World) -> None:
    async def run() -> list[str]:
        world.found = [world.finding(0, "good"), world.finding(0, "other")]
        return await asyncio.wait_for(world.reasons(), 10)

    assert asyncio.run(run()) == ["there is one for another problem at this place"]


@pytest.mark.parametrize("at_once", [1, 2])
def test_candidates_are_tried_for_this_many_findings_at_once(world: World, at_once: int) -> None:
    async def run() -> list[str]:
        world.found = [world.finding(0, "one"), world.finding(1, "two")]
        return await asyncio.wait_for(world.replacements(world.events(at_once), 2), 10)

    assert sorted(asyncio.run(run())) == ["one", "two"]
    assert world.most_trials == at_once
