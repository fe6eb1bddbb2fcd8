"""The order in which a batch is checked."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from export_lsp.cli.jobs import Job
from export_lsp.engine.files.imported_names import ImportGraph

# Seconds that a check takes as long as none is known.
UNKNOWN_SECONDS = 1.0
# A check that takes this part of its core's share of the batch is begun before all groups: begun
# late, it would go on alone.
LONG = 0.1


def expected_seconds(jobs: Sequence[Job], known: Mapping[Path, float]) -> dict[Path, float]:
    """Return how long each check takes: as long as the last time, or as the others on average."""
    times = [known[job.file] for job in jobs if job.file in known]
    usual = statistics.fmean(times) if times else UNKNOWN_SECONDS
    return {job.file: known.get(job.file, usual) for job in jobs}


def in_order(
    jobs: Sequence[Job],
    seconds: Mapping[Path, float],
    at_once: int,
    libraries: Callable[[Job], frozenset[str]],
) -> list[Job]:
    """Return jobs in the order in which to begin them.

    Long checks come first, then groups of files that import the same libraries, so that these are
    loaded once for all of them; the longest checks of a group come first.

    Args:
        jobs: The jobs.
        seconds: How long each takes, by its file.
        at_once: How many are carried out at the same time.
        libraries: Returns the libraries that a job's file imports.
    """
    share = sum(seconds[job.file] for job in jobs) / at_once
    long = {job.file for job in jobs if seconds[job.file] > LONG * share}
    groups: defaultdict[frozenset[str], list[Job]] = defaultdict(list)
    for job in jobs:
        groups[libraries(job) if job.file not in long else frozenset()].append(job)
    first = [job for job in jobs if job.file in long]
    others = [
        sorted((job for job in group if job.file not in long), key=lambda job: -seconds[job.file])
        for group in groups.values()
    ]
    others.sort(key=lambda group: -sum(seconds[job.file] for job in group))
    first.sort(key=lambda job: -seconds[job.file])
    return [*first, *(job for group in others for job in group)]


def libraries_of_jobs() -> Callable[[Job], frozenset[str]]:
    """Return a function that returns the libraries that the file of a job imports."""
    graphs: dict[Path, ImportGraph] = {}

    def libraries(job: Job) -> frozenset[str]:
        if job.folder not in graphs:
            graphs[job.folder] = import_graph(job)
        return graphs[job.folder].libraries(job.file)

    return libraries


def import_graph(job: Job) -> ImportGraph:
    """Return the graph of imports in the workspace folder of a job."""
    return ImportGraph(job.folder, tuple(map(Path, job.resolved.settings.extra_paths)))
