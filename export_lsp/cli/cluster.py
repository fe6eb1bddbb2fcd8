"""``--executor``: the machines that carry out the checks of a batch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.job_selection import exclusion
from export_lsp.cli.jobs import Job
from export_lsp.cli.unusable import unusable_message
from export_lsp.engine.checker import Checker
from export_lsp.engine.hosts.pool import Pool
from export_lsp.engine.nodes.dask_nodes import DaskNodes, NodesError, dask_nodes
from export_lsp.engine.nodes.shipped_files import LARGEST, TooLargeError, packed
from export_lsp.engine.scheduling.slots import Slots
from export_lsp.protocol import Unusable

# The checks that are submitted for each one that is carried out: nodes may join, and none is idle.
SUBMITTED = 4


@dataclass(frozen=True)
class Cluster:
    """A cluster of Dask.

    Attributes:
        address: The address of its scheduler.
        shared: The folder that the nodes have at the same path, with the same files.
        pool: The worker hosts of this machine, which say which torch it has.
    """

    address: str
    shared: Path | None
    pool: Pool

    @asynccontextmanager
    async def nodes(
        self, jobs: Sequence[Job], checkers: Mapping[Path, Checker]
    ) -> AsyncIterator[DaskNodes]:
        """Context manager whose value carries out checks; the nodes have the files of the jobs.

        Raises:
            CannotRun: The cluster cannot be used, this machine has no usable torch, or a folder is
                too large to be sent.
        """
        torch = {str(folder): await self._torch(checker) for folder, checker in checkers.items()}
        await self.pool.keep(set())
        try:
            archives = {
                str(folder): await asyncio.to_thread(_archive, job)
                for folder, job in {job.folder: job for job in jobs}.items()
                if self.shared is None or not folder.is_relative_to(self.shared)
            }
            async with dask_nodes(self.address, archives, torch) as nodes:
                yield nodes
        except NodesError as error:
            raise CannotRun(str(error)) from error

    async def _torch(self, checker: Checker) -> str:
        """The version of torch that checks a folder on this machine."""
        key = checker.host_key
        assert key is not None
        ready = await self.pool.host(key).ready()
        if isinstance(ready, Unusable):
            raise CannotRun(unusable_message(ready))
        return ready.torch


def slots_of(nodes: DaskNodes) -> Slots:
    """Return the slots of a batch whose checks wait at the scheduler."""
    return Slots(SUBMITTED * nodes.at_once)


def _archive(job: Job) -> bytes:
    folder = job.folder
    try:
        return packed(folder, exclusion(job.resolved.settings.exclude, folder, folder))
    except TooLargeError:
        raise CannotRun(
            f"{folder} has more than {LARGEST >> 20} MB: exclude what the models do not need (the"
            " setting `exclude`), or share it (--shared-path)."
        ) from None
    except OSError as error:
        raise CannotRun(f"{error.filename} cannot be read: {error.strerror}.") from error
