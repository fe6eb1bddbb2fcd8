"""Checks of real files by a real worker, outside any editor."""

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
    """What one check said."""

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
    """A worker host on an event loop of its own, for tests that are plain functions."""

    def __init__(self, *, standby: bool = False) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._host: WorkerHost
        self.pid: int
        self._host, self.pid = self._run(self._open(standby))

    def check(self, file: Path, **fields: Any) -> Checked:
        """Check one file, with fields of `Check` (by default all stages), and `timeout` in seconds
        a target."""
        return self.check_all([file], **fields)[file]

    def check_all(self, files: Iterable[Path], **fields: Any) -> dict[Path, Checked]:
        """Check files, two at a time."""
        return self._run(self._check_all(files, fields))  # type: ignore[no-any-return]

    def start(self, file: Path, **fields: Any) -> Future[Checked]:
        """Begin to check one file: its command has been written when this returns.  `so_far` has
        what the check has said at any time."""
        started = asyncio.run_coroutine_threadsafe(self._check(file, **fields), self._loop)
        while not self._host._events:
            self._run(asyncio.sleep(0))
        return started

    @property
    def alive(self) -> bool:
        """Whether the host takes checks."""
        return self._host.alive

    def close(self) -> None:
        self._run(self._host.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _open(self, standby: bool) -> tuple[WorkerHost, int]:
        host = open_host(Path(sys.executable), standby=standby, log=lambda level, text: None)
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
    """Wait until something holds; fails after so many seconds."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
