"""Check files on disk with a worker host, from tests that are ordinary functions."""

from __future__ import annotations

import asyncio
import itertools
import sys
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from export_lsp.engine.hosts import WorkerHost, open_host
from export_lsp.engine.runs import check_events
from export_lsp.protocol import (
    Check,
    Finding,
    Finished,
    Found,
    Log,
    Output,
    Ready,
    RunEvent,
)
from export_lsp.stages import STAGES

TIMEOUT = 120.0

_runs = itertools.count(1)


@dataclass
class Checked:
    """The events of one check."""

    events: list[RunEvent] = field(default_factory=list)

    @property
    def findings(self) -> list[Finding]:
        return [e.finding for e in self.events if isinstance(e, Found) and not e.early]

    @property
    def early(self) -> list[Finding]:
        return [e.finding for e in self.events if isinstance(e, Found) and e.early]

    @property
    def output(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, Output))

    @property
    def log(self) -> str:
        return "\n".join(event.text for event in self.events if isinstance(event, Log))

    @property
    def peak_memory(self) -> int:
        return max(event.peak_memory for event in self.events if isinstance(event, Finished))


class Worker:
    """A worker host whose event loop runs in a thread, so that its methods block.

    `python` is the interpreter that checks, by default the one that runs the tests.
    """

    def __init__(self, *, standby: bool = False, python: Path = Path(sys.executable)) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._host: WorkerHost
        self.pid: int
        self._host, self.pid = self._run(self._open(python, standby))

    def check(self, file: Path, **fields: Any) -> Checked:
        """Check one file.

        Args:
            file: the file to check.
            fields: fields of `Check` (all stages by default); `timeout`, in seconds a target;
                `folder`, the workspace folder, by default the file's; `so_far`, which receives the
                events as they come.
        """
        return self.check_all([file], **fields)[file]

    def check_all(self, files: Iterable[Path], **fields: Any) -> dict[Path, Checked]:
        """Check files, two at a time, with the same fields as `check`."""
        return self._run(self._check_all(files, fields))  # type: ignore[no-any-return]

    def start(self, file: Path, **fields: Any) -> Future[Checked]:
        """Start a check, with the same fields as `check`; the host has its request on return."""
        started = asyncio.run_coroutine_threadsafe(self._check(file, **fields), self._loop)
        while not self._host._events:
            self._run(asyncio.sleep(0))
        return started

    @property
    def alive(self) -> bool:
        """True while the host accepts checks."""
        return self._host.alive

    def close(self) -> None:
        self._run(self._host.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _open(self, python: Path, standby: bool) -> tuple[WorkerHost, int]:
        host = open_host(python, standby=standby, log=lambda level, text: None)
        ready = await host.ready()
        assert isinstance(ready, Ready)
        return host, ready.pid

    async def _check_all(
        self, files: Iterable[Path], fields: dict[str, Any]
    ) -> dict[Path, Checked]:
        slots = asyncio.Semaphore(2)

        async def one(file: Path) -> tuple[Path, Checked]:
            async with slots:
                return file, await self._check(file, **fields)

        return dict(await asyncio.gather(*map(one, files)))

    async def _check(
        self,
        file: Path,
        *,
        timeout: float = TIMEOUT,
        folder: Path | None = None,
        so_far: Checked | None = None,
        **fields: Any,
    ) -> Checked:
        fields = {"stages": STAGES, **fields}
        request = Check(next(_runs), str(folder or file.parent), str(file), **fields)
        stream = check_events(self._host, request, timeout=timeout)
        checked = so_far or Checked()
        async for event in stream:
            checked.events.append(event)
        return checked


def wait_until(holds: Callable[[], object], seconds: float = 60) -> None:
    """Wait until a condition holds; fail if it does not within this many seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
