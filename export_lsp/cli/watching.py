"""``--watch``: after each change on disk, checks again what it is about."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export_lsp.cli.batch import BatchResult
from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.jobs import Job, JobResult
from export_lsp.engine.files import disk
from export_lsp.settings import pyproject

CODE_SUFFIX = ".py"

Known = Mapping[Path, JobResult]
Changes = AsyncGenerator[set[Path], None]


def require_watchfiles() -> None:
    """Raise `CannotRun` if the package that watches folders is not installed."""
    try:
        import watchfiles  # noqa: F401
    except ImportError:
        raise CannotRun("--watch needs watchfiles: pip install 'export-lsp[watch]'.") from None


async def changes_below(folders: Iterable[Path]) -> Changes:
    """Yield the Python files and pyproject.tomls that change, in sets of a few milliseconds each.

    Other files that a model reads do not count: it may write them itself in each check.

    Raises:
        CannotRun: The system refuses to watch.
    """
    from watchfiles import Change, DefaultFilter, awatch

    usual = DefaultFilter()

    def matters(change: Change, path: str) -> bool:
        named = path.endswith(CODE_SUFFIX) or os.path.basename(path) == pyproject.NAME
        return named and usual(change, path)

    try:
        async with aclosing(awatch(*folders, watch_filter=matters)) as found:
            async for changes in found:
                yield {Path(path) for _, path in changes}
    except OSError as error:  # most likely the system's limit of watched folders
        raise CannotRun(f"The folder cannot be watched: {error}.") from error


@dataclass(frozen=True)
class _Round:
    """A batch in progress, and the digests of the code that it checks, from its beginning."""

    task: asyncio.Task[None]
    code: Mapping[str, str | None]

    @property
    def outdated(self) -> bool:
        """True if it goes on and its code has changed."""
        return not self.task.done() and disk.digests(self.code) != self.code


@dataclass(frozen=True)
class _Finished:
    """The last round that has finished.

    Attributes:
        results: The results, by file.
        digests: The digests of the jobs' own files, from before the check.
        moved: The files that were read and have changed during the round.
        restless: Those that have changed during the round before as well: the models write them.
    """

    results: Mapping[Path, JobResult]
    digests: Mapping[str, str | None]
    moved: frozenset[str]
    restless: frozenset[str]

    def holds(self, job: Job, changed: Iterable[Path]) -> bool:
        """Return whether the result of a job is what a check would find now.

        `changed` are the files that have changed since.
        """
        result = self.results.get(job.file)
        if result is None or result.job != job:
            return False
        # A check that crashed may not have reported that it read its own file.
        file = str(job.file)
        read = {file: self.digests.get(file), **self.code(result)}
        missed = any(result.may_have_missed(each) for each in changed)
        return not missed and disk.digests(read) == read

    def code(self, result: JobResult) -> dict[str, str]:
        """Return the digests of the Python files that a check has read."""
        return {
            file: digest
            for file, digest in result.sources.digests.items()
            if file.endswith(CODE_SUFFIX) and file not in self.restless
        }


class Watch:
    """Checks jobs, and after changes those whose results may have changed.

    Args:
        plan: Returns the jobs; called again after each change.
        check: Runs a batch, except the jobs whose results are known.
        show: Called with the results of each round.
        show_error: Called when nothing can be checked.
    """

    def __init__(
        self,
        plan: Callable[[], Sequence[Job]],
        check: Callable[[Sequence[Job], Known], Awaitable[BatchResult]],
        show: Callable[[BatchResult], None],
        show_error: Callable[[CannotRun], None],
    ) -> None:
        self._plan = plan
        self._check = check
        self._show = show
        self._show_error = show_error
        # The files that have changed since the last round was begun.
        self._changed: set[Path] = set()
        self._finished: _Finished | None = None

    async def run(self, changes: Changes) -> None:
        """Check now, and after changes as long as there may be any.

        Raises:
            CannotRun: Nothing can be checked to begin with.
        """
        jobs = self._plan()
        # Watched before the first round: no change is missed.
        upcoming = asyncio.ensure_future(anext(changes))
        current = self._begin(jobs)
        try:
            while True:
                waiting = {upcoming} if current is None else {upcoming, current.task}
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                if upcoming.done():
                    self._changed |= upcoming.result()
                    upcoming = asyncio.ensure_future(anext(changes))
                if current is not None and current.outdated:
                    await _end(current.task)
                elif current is not None and current.task.done():
                    current.task.result()
                if current is None or current.task.done():
                    current = self._begin_again() if self._changed else None
        except StopAsyncIteration:
            return
        finally:
            await _end(upcoming)
            if current is not None:
                await _end(current.task)

    def _begin_again(self) -> _Round | None:
        try:
            return self._begin(self._plan())
        except CannotRun as error:
            self._show_error(error)
            return None

    def _begin(self, jobs: Sequence[Job]) -> _Round | None:
        """Begin a round, if a job was added, removed, or may have another result."""
        last = self._finished
        known: dict[Path, JobResult] = {}
        code = set()
        for job in jobs:
            if last is not None and last.holds(job, self._changed):
                known[job.file] = last.results[job.file]
                continue
            code.add(str(job.file))
            if last is not None and job.file in last.results:
                code |= last.code(last.results[job.file]).keys()
        self._changed.clear()
        if last is not None and known.keys() == last.results.keys() and len(known) == len(jobs):
            return None
        return _Round(asyncio.ensure_future(self._round(jobs, known)), disk.digests(code))

    async def _round(self, jobs: Sequence[Job], known: Known) -> None:
        digests = disk.digests(str(job.file) for job in jobs)
        try:
            result = await self._check(jobs, known)
            self._finish(result, digests)
            self._show(result)
        except CannotRun as error:
            self._show_error(error)

    def _finish(self, result: BatchResult, digests: Mapping[str, str | None]) -> None:
        read = {
            file: digest for each in result.results for file, digest in each.sources.digests.items()
        }
        now = disk.digests(read)
        moved = frozenset(file for file, digest in read.items() if now[file] != digest)
        before = self._finished.moved if self._finished is not None else frozenset()
        results = {each.job.file: each for each in result.results}
        self._finished = _Finished(results, digests, moved, moved & before)


async def _end(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.wait({task})
