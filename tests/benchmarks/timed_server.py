"""Run the server, and log on stderr when the parts of a check begin: ``AT seconds name``.

The seconds are those of ``time.perf_counter``, which on Linux all processes share.

Usage: ``python -m tests.benchmarks.timed_server``.
"""

from __future__ import annotations

import functools
import sys
import time
from typing import Any
from unittest import mock

from export_lsp.engine.hosts.process import WorkerProcess
from export_lsp.protocol import Check, Found, StageEntered, TargetsFound
from export_lsp.server import app

MARK = "AT "


def log_start(name: str) -> None:
    print(f"{MARK}{time.perf_counter()} {name}", file=sys.stderr, flush=True)


def part_of(message: object) -> str | None:
    """Return the part that begins with a message of a run; None if none does."""
    if isinstance(message, TargetsFound):
        return "build"
    if isinstance(message, StageEntered):
        return {"load": "import", "capture": "trace"}.get(message.stage)
    return "publish" if isinstance(message, Found) else None


def main() -> None:
    deliver, send = WorkerProcess._receive, WorkerProcess.send

    @functools.wraps(send)
    async def sending(self: WorkerProcess, command: Any) -> None:
        if isinstance(command, Check):
            log_start("host")
        await send(self, command)

    @functools.wraps(deliver)
    def taking(self: WorkerProcess, line: bytes) -> None:
        on_message = self._on_message

        def noting(message: Any, size: int) -> None:
            if name := part_of(message):
                log_start(name)
            on_message(message, size)

        with mock.patch.object(self, "_on_message", noting):
            deliver(self, line)

    with mock.patch.multiple(WorkerProcess, send=sending, _receive=taking):
        app.serve_stdio()


if __name__ == "__main__":
    main()
