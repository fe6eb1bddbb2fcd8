"""The client of a Dask cluster, which carries out checks as tasks."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from export_lsp import version, wire
from export_lsp.protocol import Check, RunEvent
from export_lsp.settings import Settings

SCHEME = "dask://"
# Seconds in which the scheduler must answer.
PATIENCE = 10.0


class NodesError(Exception):
    """The cluster cannot carry out the checks; `str()` is for the user."""


class DaskNodes:
    """Carries out checks on the nodes of a cluster.

    Args:
        client: The client of Dask, which is asynchronous.
        address: The address of the scheduler.
        plugin: The name of the plugin on the nodes.
        torch: The version of torch that the nodes must have, for each workspace folder.
        at_once: How many checks the nodes carry out at the same time.
    """

    def __init__(
        self,
        client: Any,
        address: str,
        plugin: str,
        torch: Mapping[str, str],
        at_once: int,
    ) -> None:
        self.at_once = at_once
        self._client = client
        self._address = address
        self._plugin = plugin
        self._torch = torch

    async def carry_out(
        self, check: Check, settings: Settings, *, first: bool
    ) -> AsyncGenerator[RunEvent, None]:
        """Yield the events of a check, once it has come to its end on some node.

        A node that is lost has its check carried out by another one.  Closing the generator early
        gives the check up.

        Args:
            check: The check.
            settings: Those of its folder.
            first: It comes before other checks that wait.

        Raises:
            NodesError: A node has other versions, nodes are lost whenever they carry it out, or the
                scheduler is lost.
        """
        from distributed import CancelledError, KilledWorker

        from export_lsp.engine.nodes.node import NodeRefusedError, NodeTask, carry_out

        task = NodeTask(
            self._plugin,
            wire.encode(check),
            settings.timeout,
            settings.script_timeout,
            settings.standby,
            self._torch[check.folder],
            version.VERSION,
        )
        future = self._client.submit(
            carry_out,
            task,
            key=f"export-lsp-{self._plugin}-{check.run}",
            pure=False,
            priority=int(first),
        )
        try:
            lines = await future
        except NodeRefusedError as error:
            raise NodesError(str(error)) from error
        except KilledWorker as error:
            raise NodesError(f"All nodes that have checked {check.file} were lost.") from error
        except (CancelledError, OSError) as error:
            raise NodesError(f"The scheduler at {self._address} was lost.") from error
        finally:
            await self._client.cancel([future], force=True)
        for line in lines:
            event = wire.decode(line)
            yield event  # type: ignore[misc]


@asynccontextmanager
async def dask_nodes(
    address: str, archives: Mapping[str, bytes], torch: Mapping[str, str]
) -> AsyncIterator[DaskNodes]:
    """Context manager whose value carries out checks on the nodes of a scheduler.

    Args:
        address: The address of the scheduler, beginning with `SCHEME`.
        archives: The archives of the workspace folders that are sent to the nodes, by their paths.
        torch: The version of torch that the nodes must have, for each workspace folder.

    Raises:
        NodesError: Dask is not installed, no scheduler answers, or it has no nodes, or nodes have
            no export-lsp.
    """
    try:
        from distributed import Client

        from export_lsp.engine.nodes.node import Node
    except ImportError as error:
        needs = "--executor dask:// needs Dask: pip install 'export-lsp[dask]'"
        raise NodesError(f"{needs} ({error}).") from error
    scheduler = f"tcp://{address.removeprefix(SCHEME)}"
    try:
        client = await Client(scheduler, asynchronous=True, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise NodesError(f"No scheduler of Dask answers at {scheduler}.") from error
    name = secrets.token_hex(4)
    try:
        await _send(client, Node(name, archives), scheduler)
        at_once = sum((await client.nthreads()).values())
        if not at_once:
            raise NodesError(f"The scheduler at {scheduler} has no workers.")
        yield DaskNodes(client, scheduler, name, torch, at_once)
    finally:
        # Nothing of ours stays on the nodes, unless they or the scheduler are lost.
        with contextlib.suppress(Exception):
            await asyncio.wait_for(client.unregister_worker_plugin(name), PATIENCE)
        await client.close()


async def _send(client: Any, node: Any, scheduler: str) -> None:
    """Send the plugin to all nodes, present and future.

    Raises:
        NodesError: It cannot be loaded there.
    """
    try:
        answers = await client.register_plugin(node)
    except Exception as error:
        raise NodesError(f"The nodes of {scheduler} cannot be used: {error}.") from error
    failed = {
        address: answer["exception"]
        for address, answer in (answers or {}).items()
        if isinstance(answer, Mapping) and answer.get("status") == "error"
    }
    for address, exception in failed.items():
        data = getattr(exception, "data", exception)
        raise NodesError(f"{address} has no export-lsp that can be used: {data}.")
