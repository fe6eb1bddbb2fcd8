"""What it costs to go on past guards: a check's capture of five, beside one export without them.

The package `tests/five_guards` has five guards on data, and the ``torch._check`` that repairs each
in a comment above it.  A worker captures it as it is, in non-strict mode, and with the five repairs
made, which is one export in the same circumstances; a process that does nothing but export the
repaired one, over and over, has all of torch's caches filled.  They take turns.

Usage: ``python -m tests.benchmarks.guards [--rounds N]``.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from export_lsp.engine.hosts import WorkerHost, open_host
from export_lsp.engine.runs import check_events
from export_lsp.protocol import Check, Finished, Found, StageEntered
from export_lsp.stages import Stage
from tests.benchmarks.side_by_side import PATIENCE, PAUSE, Bare, in_rounds, ratios, spread

PACKAGE = Path(__file__).parents[1] / "five_guards"
UNCOUNTED = 3
# One export goes through these.
STAGES: tuple[Stage, ...] = ("load", "build", "inputs", "capture", "lower", "guards", "verify")

_REPAIR = re.compile(r"^( *)# (?=torch\._check\()", re.M)


@dataclass(frozen=True)
class Round:
    """The seconds of each, and how many problems the check found in that time."""

    bare: float
    repaired: float
    capture: float
    found: int


async def captured(host: WorkerHost, file: Path, number: int) -> tuple[float, int]:
    """Seconds from the begin of the non-strict capture to its end, and the findings of it."""
    check = Check(number, str(file.parent), str(file), modes=("non-strict",), stages=STAGES)
    begun, end, found = 0.0, 0.0, set()
    async for event in check_events(host, check, timeout=PATIENCE):
        if isinstance(event, StageEntered) and event.stage == "capture":
            begun = begun or time.perf_counter()
        elif isinstance(event, Found):
            found.add((event.finding.rule, event.finding.location))
        elif isinstance(event, Finished):
            end = time.perf_counter()
    return end - begun, len(found)


async def measure(folder: Path, rounds: int) -> list[Round]:
    for file in PACKAGE.glob("*.py"):
        (folder / file.name).write_text(_REPAIR.sub(r"\1", file.read_text()))
    bare = await Bare.start(folder / "model.py")
    host = open_host(Path(sys.executable), standby=False, log=lambda level, text: None)
    await host.ready()
    found = []
    for number in range(1, UNCOUNTED + rounds + 1):
        [seconds] = await bare.seconds("non-strict")
        await asyncio.sleep(PAUSE)
        repaired, _ = await captured(host, folder / "model.py", 2 * number)
        await asyncio.sleep(PAUSE)
        failing = await captured(host, PACKAGE / "model.py", 2 * number + 1)
        found.append(Round(seconds, repaired, *failing))
    await host.close()
    await bare.stop()
    return found[UNCOUNTED:]


def report(rounds: list[Round]) -> Table:
    counts = "/".join(str(count) for count in sorted({r.found for r in rounds}))
    table = Table(
        title=f"Going on past five guards: median (range) of {len(rounds)} rounds, non-strict"
    )
    for column in ("", "found", "milliseconds", "/ one export", "/ bare export"):
        table.add_column(column, justify="right")
    bare, one = [r.bare for r in rounds], [r.repaired for r in rounds]
    ours = [r.capture for r in rounds]
    for name, number, seconds in (
        ("bare export, repaired, caches filled", "", bare),
        ("one export in a check, repaired", "", one),
        ("the check's capture", counts, ours),
    ):
        milliseconds = spread([s * 1000 for s in seconds], ".0f")
        to_one, to_bare = spread(ratios(seconds, one)), spread(ratios(seconds, bare))
        table.add_row(name, number, milliseconds, to_one, to_bare)
    return table


if __name__ == "__main__":
    in_rounds("Five guards in one capture, beside an export.", 15, measure, report)
