"""The part that runs on a node, in a worker process of Dask.

The node's own interpreter carries out checks: the one that runs the worker process.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distributed import WorkerPlugin, get_worker

from export_lsp import version, wire
from export_lsp.engine.environment import in_environment
from export_lsp.engine.hosts.pool import HostKey, Pool
from export_lsp.engine.nodes.moved_paths import MovedFolder
from export_lsp.engine.nodes.shipped_files import unpack
from export_lsp.engine.runs import check_events
from export_lsp.protocol import Check, Unusable

# Seconds without a task after which the host is closed: the client may have died.
IDLE = 600.0


class NodeRefusedError(Exception):
    """A node cannot carry out the checks of this client; `str()` is for the user."""


@dataclass(frozen=True)
class NodeTask:
    """A check to carry out on a node.

    Attributes:
        plugin: The name of the node's plugin.
        line: The `Check`, encoded as a line.
        timeout: Seconds, as for `check_events`.
        script_timeout: Seconds, as for `check_events`.
        standby: The setting.
        torch: The version of torch that the node must have.
        version: The version of export-lsp that the node must have.
    """

    plugin: str
    line: bytes
    timeout: float
    script_timeout: float | None
    standby: bool
    torch: str
    version: str


class Node(WorkerPlugin):  # type: ignore[misc]
    """Keeps the folders of a client's checks, and a host, on a node.  Dask sends it to all nodes.

    Args:
        name: The name of the plugin.
        archives: The archive of each folder that is sent, by its path on the client.
    """

    def __init__(self, name: str, archives: Mapping[str, bytes]) -> None:
        self.name = name
        self._archives = archives
        self._root: Path
        self._pool: Pool
        self._closing: asyncio.TimerHandle | None = None

    async def setup(self, worker: Any) -> None:
        """Unpack the folders; called on the event loop of a worker."""
        prefix = f"export-lsp-{self.name}-"
        self._root = Path(os.path.realpath(tempfile.mkdtemp(prefix=prefix)))
        self._pool = Pool()
        for number, archive in enumerate(self._archives.values()):
            await asyncio.to_thread(unpack, archive, self._root / str(number))

    async def teardown(self, worker: Any) -> None:
        """End all runs, and remove the folders."""
        self._keep_for(None)
        await self._pool.close()
        await asyncio.to_thread(shutil.rmtree, self._root, ignore_errors=True)

    def folder(self, folder: str) -> MovedFolder:
        """Return where a folder of the client lies here; where it does there if it is shared."""
        sent = list(self._archives)
        there = str(self._root / str(sent.index(folder))) if folder in sent else folder
        return MovedFolder(folder, there)

    async def carry_out(self, task: NodeTask, address: str) -> list[bytes]:
        """Carry out a check; return its events, encoded as lines about the client's files.

        Raises:
            NodeRefusedError: The versions here are not those of the client.
        """
        if task.version != version.VERSION:
            raise NodeRefusedError(
                f"{address} has export-lsp {version.VERSION}, and here it is {task.version}."
            )
        check = wire.decode(task.line)
        assert isinstance(check, Check)
        moved = self.folder(check.folder)
        if not os.path.isdir(moved.there):
            raise NodeRefusedError(f"{address} has no folder {moved.there}.")
        self._keep_for(None)
        host = self._pool.host(HostKey(Path(sys.executable), task.standby))
        ready = await host.ready()
        if isinstance(ready, Unusable):
            raise NodeRefusedError(f"{address}: {ready.message}.")
        if _public(ready.torch) != _public(task.torch):
            raise NodeRefusedError(
                f"{address} has torch {ready.torch}, and here it is {task.torch}."
            )
        check = in_environment(moved.check(check), os.environ)
        running = check_events(
            host, check, timeout=task.timeout, script_timeout=task.script_timeout
        )
        try:
            async with aclosing(running) as events:
                return [moved.encoded(event) async for event in events]
        finally:
            self._keep_for(IDLE)

    def _keep_for(self, seconds: float | None) -> None:
        """Close the host after this time, None to keep it."""
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
        if seconds is not None:
            loop = asyncio.get_running_loop()
            close = self._pool.close
            self._closing = loop.call_later(seconds, lambda: asyncio.ensure_future(close()))


async def carry_out(task: NodeTask) -> list[bytes]:
    """Carry out a check on the node that Dask has chosen; a task of Dask."""
    worker = get_worker()
    return await worker.plugins[task.plugin].carry_out(task, worker.address)  # type: ignore[no-any-return]


def _public(version: str) -> str:
    """A version without its build, such as "+cpu"."""
    return version.partition("+")[0]
