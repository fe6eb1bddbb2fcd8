"""When `--watch` checks again, and when it leaves off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path

import pytest

from export_lsp.cli.batch import BatchResult
from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.combined_fixes import CombinedFixes
from export_lsp.cli.jobs import Job, JobResult
from export_lsp.cli.watching import Known, Watch
from export_lsp.engine.files import disk
from export_lsp.settings import resolve


class World:
    """One file to check, and a queue of changes.

    `act` is called before a check reads the files, `leave` after it, and `tell` when a plan has
    failed.  A plan fails once for the reason in `unfit`.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / "model.py"
        self.file.write_text("1")
        self.generated = folder / "generated.py"
        self.resolved = resolve(folder, options={})
        self.changes: asyncio.Queue[Path | None] = asyncio.Queue()
        self.checks = 0
        self.told: list[str] = []
        self.act: Callable[[], object] = lambda: None
        self.leave: Callable[[], object] = lambda: None
        self.tell: Callable[[], object] = lambda: None
        self.unfit: list[str] = []

    def plan(self) -> list[Job]:
        if self.unfit:
            raise CannotRun(self.unfit.pop())
        return [Job(self.file, self.file.parent, self.resolved, named=False)]

    async def check(self, jobs: Sequence[Job], known: Known) -> BatchResult:
        self.checks += 1
        results = []
        for job in jobs:
            result = JobResult(job, self.file.parent)
            self.act()
            read = disk.digests(map(str, (self.file, self.generated)))
            self.leave()
            result.sources.digests.update({file: each for file, each in read.items() if each})
            results.append(result)
        return BatchResult(results, CombinedFixes(), self.file.parent)

    async def news(self) -> AsyncGenerator[set[Path], None]:
        while (path := await self.changes.get()) is not None:
            yield {path}

    async def run(self, *changes: Path) -> None:
        """Tell of changes, each once all that came of the ones before is over; then of no more."""
        watch = Watch(self.plan, self.check, lambda result: None, self._tell)
        watching = asyncio.create_task(watch.run(self.news()))
        for change in changes:
            await self._quiet()
            self.changes.put_nowait(change)
        await self._quiet()
        self.changes.put_nowait(None)
        await watching

    def _tell(self, error: CannotRun) -> None:
        self.told.append(str(error))
        self.tell()

    async def _quiet(self) -> None:
        for _ in range(50):  # turns of the loop, of which a round takes a handful
            await asyncio.sleep(0)


async def test_a_change_is_checked_and_none_is_not(tmp_path: Path) -> None:
    world = World(tmp_path)
    await world.run(world.file)
    assert world.checks == 1  # it says the same
    other = World(tmp_path)
    other.leave = lambda: asyncio.get_running_loop().call_soon(other.file.write_text, "2")
    await other.run(other.file)
    assert other.checks == 2


async def test_what_a_model_writes_each_time_is_not_checked_for_ever(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.act = lambda: world.generated.write_text(str(world.checks))

    def leave() -> None:
        world.generated.unlink()
        world.changes.put_nowait(world.generated)

    world.leave = leave
    await world.run()
    assert world.checks == 2


async def test_what_cannot_be_checked_is_told_once_a_change(tmp_path: Path) -> None:
    world = World(tmp_path)

    def fail() -> None:
        raise CannotRun("there is no torch")

    world.act = fail
    await world.run(world.file)
    assert world.told == ["there is no torch"] * 2


async def test_a_plan_that_fails_is_made_again_after_a_change(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.leave = lambda: world.unfit.append("the settings do not fit")

    def save() -> None:
        world.leave = lambda: None
        world.file.write_text("2")

    world.tell = save
    await world.run(world.file, world.file)
    assert world.told == ["the settings do not fit"]
    assert world.checks == 2


async def test_a_plan_that_fails_at_first_ends_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.unfit.append("there is no such file")
    with pytest.raises(CannotRun):
        await world.run()
    assert world.checks == 0
