"""``--watch``: after a change on disk check again what it is about, until interrupted."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export_lsp.cli.failure import CannotRun
from export_lsp.cli.outcome import Job, Outcome
from export_lsp.cli.running import Checked
from export_lsp.engine.files import disk

CODE, SETTINGS = ".py", "pyproject.toml"

Known = Mapping[Path, Outcome]
Changes = AsyncGenerator[set[Path], None]


async def changes_below(folders: Iterable[Path]) -> Changes:
    """The Python files and tables of settings that change: those of some milliseconds together.

    Other files that a model has read may be what it writes itself, each time it is checked.

    Raises:
        CannotRun: the library that watches is not installed, or the system refuses.
    """
    try:
        from watchfiles import Change, DefaultFilter, awatch
    except ImportError:
        raise CannotRun("--watch needs watchfiles: pip install 'export-lsp[watch]'.") from None
    usual = DefaultFilter()

    def matters(change: Change, path: str) -> bool:
        named = path.endswith(CODE) or os.path.basename(path) == SETTINGS
        return named and usual(change, path)

    try:
        async with aclosing(awatch(*folders, watch_filter=matters)) as found:
            async for each in found:
                yield {Path(path) for _, path in each}
    except OSError as error:  # the system's limit of watched folders, most likely
        raise CannotRun(f"The folder cannot be watched: {error}.") from error


@dataclass(frozen=True)
class _Round:
    """A check of some files under way, and the digests of the code it began with."""

    task: asyncio.Task[None]
    code: Mapping[str, str | None]

    @property
    def outdated(self) -> bool:
        return not self.task.done() and disk.digests(self.code) != self.code


class Watch:
    """Checks the jobs of a plan, and after each change those that it concerns.

    `plan` returns the jobs, and `check` carries them out; it also gets the outcomes that are still
    valid.  `show` gets all outcomes after each check, `tell` the reason if there is no plan.
    """

    def __init__(
        self,
        plan: Callable[[], Sequence[Job]],
        check: Callable[[Sequence[Job], Known], Awaitable[Checked]],
        show: Callable[[Checked], None],
        tell: Callable[[CannotRun], None],
    ) -> None:
        self._plan = plan
        self._check = check
        self._show = show
        self._tell = tell
        # What has changed since it was last looked.
        self._seen: set[Path] = set()
        # Of the last round that came to its end: what came of it, the jobs' own files as they were
        # at its beginning, and what changed while it went on.
        self._outcomes: dict[Path, Outcome] | None = None
        self._named: dict[str, str | None] = {}
        self._moved: set[str] = set()
        # What changes in every round is written by what is checked.
        self._restless: set[str] = set()

    async def run(self, changes: Changes) -> None:
        """Go on as long as there may be changes.

        Raises:
            CannotRun: there is nothing to check to begin with.
        """
        jobs = self._plan()
        news = asyncio.ensure_future(anext(changes))
        under_way = self._begun(jobs)  # after it is watched: nothing that changes then is missed
        try:
            while True:
                waiting = {news} if under_way is None else {news, under_way.task}
                await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                if news.done():
                    self._seen |= news.result()
                    news = asyncio.ensure_future(anext(changes))
                if under_way is not None and under_way.outdated:
                    await _end(under_way.task)
                elif under_way is not None and under_way.task.done():
                    under_way.task.result()
                if under_way is None or under_way.task.done():
                    under_way = self._begun_again() if self._seen else None
        except StopAsyncIteration:
            return
        finally:
            await _end(news)
            if under_way is not None:
                await _end(under_way.task)

    def _begun_again(self) -> _Round | None:
        try:
            return self._begun(self._plan())
        except CannotRun as error:
            self._tell(error)
            return None

    def _begun(self, jobs: Sequence[Job]) -> _Round | None:
        """A check of what has changed, where there is any."""
        before = self._outcomes or {}
        known = {
            job.file: before[job.file]
            for job in jobs
            if job.file in before and self._holds(before[job.file], job)
        }
        self._seen.clear()
        if self._outcomes is not None and known.keys() == before.keys() and len(known) == len(jobs):
            return None
        anew = [str(job.file) for job in jobs if job.file not in known]
        read = {file for path in anew if (o := before.get(Path(path))) for file in self._code(o)}
        return _Round(asyncio.ensure_future(self._round(jobs, known)), disk.digests({*anew, *read}))

    async def _round(self, jobs: Sequence[Job], known: Known) -> None:
        named = disk.digests(str(job.file) for job in jobs)
        try:
            checked = await self._check(jobs, known)
            self._note(checked, named)
            self._show(checked)
        except CannotRun as error:
            self._tell(error)

    def _note(self, checked: Checked, named: dict[str, str | None]) -> None:
        self._outcomes = {outcome.job.file: outcome for outcome in checked.outcomes}
        self._named = named
        read = {file: each for o in checked.outcomes for file, each in o.sources.digests.items()}
        now = disk.digests(read)
        moved = {file for file, digest in read.items() if now[file] != digest}
        self._restless, self._moved = moved & self._moved, moved

    def _holds(self, outcome: Outcome, job: Job) -> bool:
        """Whether what has come of a job is what would come of it now."""
        # One that crashed may not have told that it read its own file.
        file = str(job.file)
        read = {file: self._named.get(file), **self._code(outcome)}
        missed = any(outcome.misses(each) for each in self._seen)
        return outcome.job == job and not missed and disk.digests(read) == read

    def _code(self, outcome: Outcome) -> dict[str, str]:
        """The digests of the Python files that were read."""
        digests = outcome.sources.digests
        return {
            file: digest
            for file, digest in digests.items()
            if file.endswith(CODE) and file not in self._restless
        }


async def _end(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.wait({task})
