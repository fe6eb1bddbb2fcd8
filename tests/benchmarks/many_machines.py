"""Measure how a check of many files grows with the workers of a Dask cluster on this machine.

More workers than cores share these: beyond them nothing can be gained here.

Usage: ``python -m tests.benchmarks.many_machines [--workers N…] [--files N] [--picture FILE]``; it
needs ``distributed``, and the picture matplotlib.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from export_lsp.engine.scheduling.slots import available_cores
from tests.benchmarks.many_files import CheckCommand
from tests.benchmarks.side_by_side import spread
from tests.benchmarks.small_models import write_small_models
from tests.dask_cluster import dask_cluster

# The times without a cluster, beside those of each number of workers.
HERE = 0

Seconds = Mapping[int, Sequence[float]]


def measure(root: Path, counts: Sequence[int], files: int, rounds: int) -> Seconds:
    """Return the seconds of each round, by the number of workers; `HERE` for one check at once."""
    models = root / "models"
    models.mkdir()
    write_small_models(models, files)
    seconds: dict[int, list[float]] = {count: [] for count in (HERE, *counts)}
    for number in range(rounds):
        local = CheckCommand(models, root / f"home-{number}", 1)
        seconds[HERE].append(local.seconds("--no-cache"))
        for count in counts:
            home = root / f"cluster-{number}-{count}"
            home.mkdir()
            with dask_cluster(home, count) as cluster:
                command = CheckCommand(models, home / "home", 1)
                wanted = ("--executor", cluster.executor, "--no-cache")
                command.seconds(*wanted)  # each node imports torch
                seconds[count].append(command.seconds(*wanted))
    return seconds


def report(seconds: Seconds, files: int) -> Table:
    table = Table(
        title=f"{files} files of small operators and models; median (range)",
        caption=f"{available_cores()} cores; a worker carries out one check at once.",
    )
    for name in ("workers", "seconds", "one worker ÷ these"):
        table.add_column(name, justify="right")
    first = seconds[min(count for count in seconds if count != HERE)]
    for count, times in seconds.items():
        gains = [one / these for one, these in zip(first, times, strict=True)]
        table.add_row("none, -j 1" if count == HERE else str(count), spread(times), spread(gains))
    return table


def draw(seconds: Seconds, picture: Path) -> None:
    """Draw the gain over one worker against the number of workers."""
    import matplotlib.pyplot as plt

    counts = [count for count in seconds if count != HERE]
    first = min(seconds[counts[0]])
    plt.figure(figsize=(5, 3.5))
    plt.plot(counts, [first / min(seconds[count]) for count in counts], "o-", label="measured")
    plt.plot(counts, counts, "--", color="grey", label="as many times as fast")
    plt.axvline(available_cores(), color="lightgrey", label="cores")
    plt.xlabel("workers")
    plt.ylabel("one worker ÷ these")
    plt.legend()
    plt.tight_layout()
    plt.savefig(picture)


def main() -> None:
    parser = argparse.ArgumentParser(description="A check of many files on a cluster of Dask.")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 3, 4])
    parser.add_argument("--files", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        seconds = measure(root, options.workers, options.files, options.rounds)
    Console(width=100).print(report(seconds, options.files))
    if options.picture is not None:
        draw(seconds, options.picture)


if __name__ == "__main__":
    main()
