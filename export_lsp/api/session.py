"""Checks from a thread of their own, so that they run beside an event loop of the caller's."""

from __future__ import annotations

import asyncio
import atexit
import functools
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from export_lsp.api.results import CheckError
from export_lsp.cli.batch import BatchResult
from export_lsp.cli.combined_fixes import CombinedFixes
from export_lsp.cli.jobs import Job, JobResult
from export_lsp.cli.report import Report
from export_lsp.cli.unusable import unusable_message
from export_lsp.engine.checker import Checker
from export_lsp.engine.fixing import Budget, Event, with_fixes
from export_lsp.engine.hosts import UnusableInterpreterError
from export_lsp.engine.hosts.pool import Pool
from export_lsp.engine.interpreters import InterpreterError
from export_lsp.engine.runs import run_numbers
from export_lsp.protocol import Build, Check, Found, Location, TargetsFound

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Request:
    """A check of one file.

    Attributes:
        job: The file, with its settings.
        only: The names of the targets to check, none for all.
        fixes: Look for fixes.
        texts: Texts in place of files on disk.
        build: How models are built.
        extra_paths: More entries of the search path for imports.
        shown_at: The location in whose place the findings in the file are shown, without a target.
    """

    job: Job
    only: tuple[str, ...] = ()
    fixes: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)
    build: Build = "fake"
    extra_paths: tuple[str, ...] = ()
    shown_at: Location | None = None

    def check(self) -> Check:
        """Return the check, with a number of its own."""
        job = self.job
        check = job.resolved.check(job.folder, job.file, next(run_numbers))
        return replace(
            check,
            only=self.only,
            texts=dict(self.texts),
            build=self.build,
            extra_paths=(*check.extra_paths, *self.extra_paths),
        )

    def shown(self, event: Event) -> Event:
        """Return an event of the check, if it is a finding with its location as it is shown."""
        if self.shown_at is None or not isinstance(event, Found):
            return event
        own, finding = str(self.job.file), event.finding
        return replace(
            event,
            finding=replace(
                finding,
                target="",
                location=self.shown_at if finding.location.file == own else finding.location,
                related=tuple(each for each in finding.related if each.location.file != own),
            ),
        )


class _Executor(ThreadPoolExecutor):
    """Threads for blocking calls; once Python ends and starts none, the calling thread."""

    def submit(self, fn: Callable[..., _Result], /, *args: Any, **kwargs: Any) -> Future[_Result]:
        try:
            return super().submit(fn, *args, **kwargs)
        except RuntimeError:
            future: Future[_Result] = Future()
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:
                future.set_exception(error)
            return future


class Session:
    """Worker processes that stay between checks.  Its methods block, in whatever thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._loop.set_default_executor(_Executor())
        self._thread = threading.Thread(
            target=self._loop.run_forever, name="export-lsp", daemon=True
        )
        self._thread.start()
        self._pool = Pool(lambda level, line: None)

    def check(self, request: Request) -> JobResult:
        """Carry out a check.

        Raises:
            CheckError: No interpreter with a usable torch was found.
        """
        return self._wait(self._check(request))

    def target_names(self, request: Request) -> tuple[tuple[str, ...], JobResult]:
        """Import a file; return the names of its targets, and what was found on the way to them.

        Raises:
            CheckError: No interpreter with a usable torch was found.
        """
        return self._wait(self._target_names(request))

    def close(self) -> None:
        """End the worker processes and the thread."""
        if self._loop.is_closed():
            return
        self._wait(self._pool.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, coroutine: Coroutine[Any, Any, _Result]) -> _Result:
        running = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return running.result()
        except KeyboardInterrupt:
            running.cancel()
            raise
        except UnusableInterpreterError as error:
            raise CheckError(unusable_message(error.unusable)) from error
        except InterpreterError as error:
            raise CheckError(str(error)) from error

    async def _check(self, request: Request) -> JobResult:
        checker = self._checker(request.job)
        settings = checker.settings
        budget = Budget(settings.fix_candidates if request.fixes else 0, settings.fix_seconds)
        result = JobResult(request.job, Path.cwd(), request.texts)
        async with aclosing(with_fixes(checker.carry_out, request.check(), budget)) as events:
            async for event in events:
                result.note(request.shown(event))
        return result

    async def _target_names(self, request: Request) -> tuple[tuple[str, ...], JobResult]:
        result = JobResult(request.job, Path.cwd(), request.texts)
        checker = self._checker(request.job)
        async with aclosing(checker.carry_out(request.check())) as events:
            async for event in events:
                # A run that asks to be repeated with another build has found none.
                if isinstance(event, TargetsFound) and event.targets:
                    return event.targets, result
                result.note(event)
        return (), result

    def _checker(self, job: Job) -> Checker:
        checker = Checker(job.folder, self._pool)
        checker.configure(job.resolved)
        return checker


def report_of(results: Sequence[JobResult]) -> Report:
    """Return the report of checks; its paths start from the working directory."""
    return BatchResult(results, CombinedFixes(), Path.cwd()).report


@functools.cache
def shared_session() -> Session:
    """Return the session of this process, which is closed when Python ends."""
    session = Session()
    atexit.register(session.close)
    return session
