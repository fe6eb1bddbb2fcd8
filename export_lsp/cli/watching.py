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
from export_lsp.server import disk

CODE, SETTINGS = ".py", "pyproject.toml"

Known = Mapping[Path, Outcome]
Changes = AsyncGenerator[set[Path], None]


async def changes_below(folders: Iterable[Path]) -> Changes:
    """The Python files and tables of settings that change: those of some milliseconds together.

    Other files that a model has read may be what it writes itself, each time it is checked.

    Raises:
        CannotRun: the library that watches is not installed.
    """
    try:
        from watchfiles import Change, DefaultFilter, awatch
    except ImportError:
        raise CannotRun("--watch needs watchfiles: pip install 'export-lsp[watch]'.") from None
    usual = DefaultFilter()

    def matters(change: Change, path: str) -> bool:
        named = path.endswith(CODE) or os.path.basename(path) == SETTINGS
        return named and usual(change, path)

    async with aclosing(awatch(*folders, watch_filter=matters)) as found:
        async for each in found:
            yield {Path(path) for _, path in each}


@dataclass(frozen=True)
class _Round:
    """A check of some files under way, and the digests of the code it began with."""

    task: asyncio.Task[None]
    code: Mapping[str, str | None]

    @property
    def outdated(self) -> bool:
        return not self.task.done() and disk.digests(self.code) != self.code


class Watch:
    """Checks what `plan` gives, now and after changes: `show` is given what has come of all of it,
    `tell` why nothing can be checked.

    `check` takes the jobs, and what is known of some of them.
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
        # Of the last round that came to its end.
        self._outcomes: dict[Path, Outcome] | None = None

    async def run(self, changes: Changes) -> None:
        """Go on as long as there may be changes."""
        round: _Round | None = None
        seen: set[Path] = set()
        news = asyncio.ensure_future(anext(changes))
        try:
            round = self._begun(seen)
            while True:
                under_way = {round.task} if round is not None else set()
                await asyncio.wait({news, *under_way}, return_when=asyncio.FIRST_COMPLETED)
                if news.done():
                    seen |= news.result()
                    news = asyncio.ensure_future(anext(changes))
                if round is not None and round.outdated:
                    await _end(round.task)
                elif round is not None and round.task.done():
                    round.task.result()
                if round is None or round.task.done():
                    round, seen = self._begun(seen), set()
        except StopAsyncIteration:
            return
        finally:
            await _end(news)
            if round is not None:
                await _end(round.task)

    def _begun(self, seen: set[Path]) -> _Round | None:
        """A check of what has changed, where there is any."""
        try:
            jobs = self._plan()
        except CannotRun as error:
            self._tell(error)
            return None
        before = self._outcomes or {}
        known = {
            job.file: before[job.file]
            for job in jobs
            if job.file in before and _holds(before[job.file], job, seen)
        }
        if self._outcomes is not None and known.keys() == before.keys() and len(known) == len(jobs):
            return None
        changed = [str(job.file) for job in jobs if job.file not in known]
        read = [file for path in changed if (o := before.get(Path(path))) for file in _code(o)]
        return _Round(
            asyncio.ensure_future(self._round(jobs, known)), disk.digests([*changed, *read])
        )

    async def _round(self, jobs: Sequence[Job], known: Known) -> None:
        try:
            checked = await self._check(jobs, known)
        except CannotRun as error:
            self._tell(error)
            return
        self._outcomes = {outcome.job.file: outcome for outcome in checked.outcomes}
        self._show(checked)


def _holds(outcome: Outcome, job: Job, seen: set[Path]) -> bool:
    """Whether what has come of a job is what would come of it now."""
    read = _code(outcome)
    missed = any(outcome.misses(file) for file in seen)
    return outcome.job == job and not missed and disk.digests(read) == read


def _code(outcome: Outcome) -> dict[str, str]:
    """The digests of the Python files that were read."""
    digests = outcome.sources.digests
    return {file: digest for file, digest in digests.items() if file.endswith(CODE)}


async def _end(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.wait({task})
