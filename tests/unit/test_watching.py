"""The loop of `--watch`: its checks after changes, and its end."""

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

    `before_reading` and `after_reading` are called when a check reads the files, `on_error` when an
    error is shown.  The next plan fails with the last of `plan_errors`.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / "model.py"
        self.file.write_text("1")
        self.generated = folder / "generated.py"
        self.resolved = resolve(folder, options={})
        self.changes: asyncio.Queue[Path | None] = asyncio.Queue()
        self.checks = 0
        self.errors: list[str] = []
        self.before_reading: Callable[[], object] = lambda: None
        self.after_reading: Callable[[], object] = lambda: None
        self.on_error: Callable[[], object] = lambda: None
        self.plan_errors: list[str] = []

    def plan(self) -> list[Job]:
        if self.plan_errors:
            raise CannotRun(self.plan_errors.pop())
        return [Job(self.file, self.file.parent, self.resolved, named=False)]

    async def check(self, jobs: Sequence[Job], known: Known) -> BatchResult:
        self.checks += 1
        results = []
        for job in jobs:
            result = JobResult(job, self.file.parent)
            self.before_reading()
            read = disk.digests(map(str, (self.file, self.generated)))
            self.after_reading()
            result.sources.digests.update({file: each for file, each in read.items() if each})
            results.append(result)
        return BatchResult(results, CombinedFixes(), self.file.parent)

    async def news(self) -> AsyncGenerator[set[Path], None]:
        while (path := await self.changes.get()) is not None:
            yield {path}

    async def run(self, *changes: Path) -> None:
        """Report changes, each when nothing more follows from the ones before, and stop."""
        watch = Watch(self.plan, self.check, lambda result: None, self._show_error)
        watching = asyncio.create_task(watch.run(self.news()))
        for change in changes:
            await self._quiet()
            self.changes.put_nowait(change)
        await self._quiet()
        self.changes.put_nowait(None)
        await watching

    def _show_error(self, error: CannotRun) -> None:
        self.errors.append(str(error))
        self.on_error()

    async def _quiet(self) -> None:
        for _ in range(50):  # turns of the loop, of which a round takes a handful
            await asyncio.sleep(0)


async def test_a_change_is_checked_and_none_is_not(tmp_path: Path) -> None:
    world = World(tmp_path)
    await world.run(world.file)
    assert world.checks == 1  # its content is the same
    other = World(tmp_path)
    other.after_reading = lambda: asyncio.get_running_loop().call_soon(other.file.write_text, "2")
    await other.run(other.file)
    assert other.checks == 2


async def test_a_file_that_each_check_writes_does_not_start_checks_forever(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.before_reading = lambda: world.generated.write_text(str(world.checks))

    def leave() -> None:
        world.generated.unlink()
        world.changes.put_nowait(world.generated)

    world.after_reading = leave
    await world.run()
    assert world.checks == 2


async def test_an_error_is_shown_once_for_each_change(tmp_path: Path) -> None:
    world = World(tmp_path)

    def fail() -> None:
        raise CannotRun("there is no torch")

    world.before_reading = fail
    await world.run(world.file)
    assert world.errors == ["there is no torch"] * 2


async def test_a_plan_that_fails_is_made_again_after_a_change(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.after_reading = lambda: world.plan_errors.append("the settings do not fit")

    def save() -> None:
        world.after_reading = lambda: None
        world.file.write_text("2")

    world.on_error = save
    await world.run(world.file, world.file)
    assert world.errors == ["the settings do not fit"]
    assert world.checks == 2


async def test_a_plan_that_fails_at_first_ends_it(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.plan_errors.append("there is no such file")
    with pytest.raises(CannotRun):
        await world.run()
    assert world.checks == 0
