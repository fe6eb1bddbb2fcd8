"""The open worker hosts: one for each interpreter, shared by the folders that chose it."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import NamedTuple

from export_lsp.engine.hosts import LogLine, WorkerHost, open_host
from export_lsp.engine.hosts.temporary_files import remove_stale
from export_lsp.engine.tasks import Tasks

_log = logging.getLogger("export_lsp.worker")
_LEVELS = {"debug": logging.DEBUG, "warning": logging.WARNING, "error": logging.ERROR}


class HostKey(NamedTuple):
    """The identity of a host in the pool: its interpreter, and the setting `standby`."""

    interpreter: Path
    standby: bool


def log_worker(level: str, text: str) -> None:
    """Log a line from a worker; `level` is a level of the logging module, in lower case."""
    _log.log(_LEVELS.get(level, logging.INFO), "%s", text)


class Pool:
    """Opens hosts when they are first needed, and again after they have died.

    `log` gets the lines that hosts report, and one for each host that is started.
    """

    def __init__(self, log: LogLine = log_worker) -> None:
        self._log = log
        self._hosts: dict[HostKey, WorkerHost] = {}
        self._retiring = Tasks()
        self._cleaning: asyncio.Future[None] | None = None

    def host(self, key: HostKey) -> WorkerHost:
        """Return the host for a key, opened if there is none that is alive.

        It may die at any moment: a check on a dead host ends at once, with its `Exited`.
        """
        if self._cleaning is None:
            self._cleaning = asyncio.ensure_future(asyncio.to_thread(remove_stale))
        host = self._hosts.get(key)
        if host is None or not host.alive:
            self._log("info", f"starting a worker host with {key.interpreter}")
            host = open_host(key.interpreter, standby=key.standby, log=self._log)
            self._hosts[key] = host
        return host

    def retire(self, key: HostKey, host: WorkerHost) -> None:
        """Give no more checks to a host; it ends after those that it carries out."""
        if self._hosts.get(key) is host:
            del self._hosts[key]
            self._log("info", f"packages have changed: {key.interpreter} is started again")
            self._retiring.start(host.retire())

    async def keep(self, keys: set[HostKey]) -> None:
        """Close all hosts but those with these keys, and wait until they are gone."""
        unused = [self._hosts.pop(key) for key in list(self._hosts) if key not in keys]
        await asyncio.gather(*(host.close() for host in unused), return_exceptions=True)

    async def close(self) -> None:
        """Close every host.  The pool stays usable: hosts that are needed are opened again."""
        await self.keep(set())
        await self._retiring.finish()
