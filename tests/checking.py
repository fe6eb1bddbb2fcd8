"""Checks of real files by a real worker, outside any editor."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from export_lsp.protocol import Check, Finding, Finished, Found, Log, Output, Ready, RunEvent
from export_lsp.server.hosts import WorkerHost, open_host
from export_lsp.server.runs import events

TIMEOUT = 120.0


@dataclass
class Checked:
    """What one check said."""

    events: list[RunEvent] = field(default_factory=list)

    @property
    def findings(self) -> list[Finding]:
        return [event.finding for event in self.events if isinstance(event, Found)]

    @property
    def output(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, Output))

    @property
    def log(self) -> str:
        return "\n".join(event.text for event in self.events if isinstance(event, Log))

    @property
    def peak_memory(self) -> int:
        return max(event.peak_memory for event in self.events if isinstance(event, Finished))


async def check(
    host: WorkerHost, file: Path, *, timeout: float = TIMEOUT, **fields: Any
) -> Checked:
    """Check one file in the folder it lies in, or in `folder`."""
    folder = str(fields.pop("folder", file.parent))
    request = Check(_next_run(), folder, str(file), **fields)
    return Checked([event async for event in events(host, request, timeout=timeout)])


def check_all(
    files: Iterable[Path], *, standby: bool = False, timeout: float = TIMEOUT, **fields: Any
) -> dict[Path, Checked]:
    """Check files, two at a time, by a host of their own."""

    async def run() -> dict[Path, Checked]:
        host = open_host(Path(sys.executable), standby=standby, log=lambda level, text: None)
        slots = asyncio.Semaphore(2)

        async def one(file: Path) -> tuple[Path, Checked]:
            async with slots:
                return file, await check(host, file, timeout=timeout, **fields)

        try:
            assert isinstance(await host.ready(), Ready)
            return dict(await asyncio.gather(*map(one, files)))
        finally:
            await host.close()

    return asyncio.run(run())


_runs = iter(range(1, sys.maxsize))


def _next_run() -> int:
    return next(_runs)
