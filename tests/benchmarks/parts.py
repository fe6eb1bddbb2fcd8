"""Where the time of a warm save goes, from the server's `Check` to the end of the run.

Usage: ``python -m tests.benchmarks.parts [MODEL…]``.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from export_lsp.protocol import Check, Found, RunEvent, StageEntered, TargetsFound
from export_lsp.server.hosts import WorkerHost, open_host
from export_lsp.server.runs import events
from tests.benchmarks.models import MODELS, saved

ROUNDS = 3
UNCOUNTED = 2
PAUSE = 1.5

_runs = itertools.count(1)


async def steps(host: WorkerHost, file: Path) -> AsyncIterator[tuple[str, float]]:
    """The parts of one check, with their seconds; each ends with the event that is named first."""
    check = Check(run=next(_runs), folder=str(file.parent), file=str(file))
    part, began = "host", time.perf_counter()
    async for event in events(host, check, timeout=600):
        following = after(event)
        if following is not None:
            now = time.perf_counter()
            yield part, now - began
            part, began = following, now
    yield part, time.perf_counter() - began


def after(event: RunEvent) -> str | None:
    """What begins with an event."""
    if isinstance(event, TargetsFound):
        return "build"
    if isinstance(event, StageEntered):
        stage = f"{event.stage} {event.mode or ''}".strip()
        return {"load": "import", "build": None}.get(event.stage, stage)
    return "mapped" if isinstance(event, Found) else None


async def measure(name: str, file: Path) -> dict[str, float]:
    """The median of each part's seconds."""
    host = open_host(Path(sys.executable), standby=False, log=lambda level, text: None)
    rounds: list[dict[str, float]] = []
    for turn in range(UNCOUNTED + ROUNDS):
        file.write_text(saved(name, 1 + turn))
        found: dict[str, float] = {}
        async for part, seconds in steps(host, file):
            found[part] = found.get(part, 0.0) + seconds
        rounds.append(found)
        await asyncio.sleep(PAUSE)
    await host.close()
    counted = rounds[UNCOUNTED:]
    return {part: statistics.median(r.get(part, 0.0) for r in counted) for part in counted[0]}


def main() -> None:
    parser = argparse.ArgumentParser(description="Where the time of a warm save goes.")
    parser.add_argument("models", nargs="*", default=list(MODELS))
    names = parser.parse_args().models
    profiles = {}
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder).resolve() / "model.py"
            profiles[name] = asyncio.run(measure(name, file))
    parts = dict.fromkeys(part for profile in profiles.values() for part in profile)
    table = Table(title=f"A warm check in milliseconds, medians of {ROUNDS}")
    table.add_column("")
    for name in names:
        table.add_column(name, justify="right")
    for part in parts:
        cells = (profile.get(part) for profile in profiles.values())
        table.add_row(part, *(f"{1000 * c:.0f}" if c is not None else "" for c in cells))
    Console().print(table)


if __name__ == "__main__":
    main()
