"""A cluster of Dask on this machine: a scheduler, and worker processes in place of machines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.checking import wait_until

# Seconds that a process may take to end.
GRACE = 10.0


@dataclass
class DaskCluster:
    """A running cluster: the port of its scheduler, and its worker processes."""

    port: int = 0
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def executor(self) -> str:
        return f"dask://127.0.0.1:{self.port}"


@contextmanager
def dask_cluster(
    folder: Path, workers: int, environment: Mapping[str, str] | None = None
) -> Iterator[DaskCluster]:
    """Context manager whose value is a cluster; its workers carry out one task at a time each.

    Args:
        folder: An empty folder, for the files of the cluster.
        workers: The number of its workers.
        environment: The environment of all processes, by default this one's.
    """
    file = folder / "scheduler.json"
    cluster = DaskCluster()
    processes: list[subprocess.Popen[bytes]] = []

    def start(kind: str, *arguments: str) -> subprocess.Popen[bytes]:
        shared = ["--scheduler-file", str(file), "--no-dashboard", *arguments]
        with open(folder / f"log-{len(processes)}", "wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{kind}", *shared],
                cwd=folder,
                env=dict(environment if environment is not None else os.environ),
                stdout=log,
                stderr=log,
            )
        processes.append(process)
        return process

    def joined() -> bool:
        logs = [(folder / f"log-{number}").read_text() for number in range(1, workers + 1)]
        return all("Registered to" in log for log in logs)

    try:
        start("scheduler", "--host", "127.0.0.1", "--port", "0")
        wait_until(lambda: file.exists() and file.read_text())
        cluster.port = int(json.loads(file.read_text())["address"].rpartition(":")[2])
        options = ["--nthreads", "1", "--no-nanny", "--local-directory", str(folder)]
        cluster.workers = [start("worker", *options) for _ in range(workers)]
        wait_until(joined, seconds=120)
        yield cluster
    finally:
        for process in reversed(processes):
            process.terminate()
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
