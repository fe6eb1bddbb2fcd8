"""The worker hosts in use: one for each interpreter, shared by the folders that chose it."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

from export_lsp.engine.hosts import LogLine, WorkerHost, open_host

_log = logging.getLogger("export_lsp.worker")
Key = tuple[Path, bool]
_LEVELS = {"debug": logging.DEBUG, "warning": logging.WARNING, "error": logging.ERROR}


def log_worker(level: str, text: str) -> None:
    """A line for the log from a worker; `level` is a name of the logging module."""
    _log.log(_LEVELS.get(level, logging.INFO), "%s", text)


class Pool:
    """Opens hosts when they are first needed, and again when they have died and are needed."""

    def __init__(self, log: LogLine = log_worker) -> None:
        self._log = log
        self._hosts: dict[Key, WorkerHost] = {}

    def host(self, interpreter: Path, *, standby: bool) -> WorkerHost:
        """A host that was alive a moment ago."""
        key = (interpreter, standby)
        host = self._hosts.get(key)
        if host is None or not host.alive:
            self._log("info", f"starting a worker host with {interpreter}")
            host = self._hosts[key] = open_host(interpreter, standby=standby, log=self._log)
        return host

    async def keep(self, keys: set[Key]) -> None:
        """Close the hosts that none of these need."""
        unused = [self._hosts.pop(key) for key in list(self._hosts) if key not in keys]
        await asyncio.gather(*(host.close() for host in unused), return_exceptions=True)

    async def close(self) -> None:
        """Close every host; needed ones are opened again."""
        await self.keep(set())
