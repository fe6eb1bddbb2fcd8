"""Measure the cost of continuing an export past five guards, compared with one export.

The package `tests/five_guards` has five data-dependent guards, each with the ``torch._check`` that
repairs it in a comment above.  A worker captures it in non-strict mode as it is, and with the five
repairs made, which is one export under the same conditions.  A process that only exports the
repaired package, repeatedly, has torch's caches filled.  They take turns.

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
from tests.benchmarks.side_by_side import PATIENCE, PAUSE, BareExport, in_rounds, ratios, spread

PACKAGE = Path(__file__).parents[1] / "five_guards"
WARM_UP_ROUNDS = 3
# The stages of one export.
STAGES: tuple[Stage, ...] = ("load", "build", "inputs", "capture", "lower", "guards", "verify")

_REPAIR = re.compile(r"^( *)# (?=torch\._check\()", re.M)


@dataclass(frozen=True)
class Round:
    """Seconds of a bare export, of the repaired and of the failing capture, and its problems."""

    bare: float
    repaired: float
    capture: float
    found: int


async def time_capture(host: WorkerHost, file: Path, number: int) -> tuple[float, int]:
    """Return the seconds of the non-strict capture, and the number of its problems."""
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
    bare = await BareExport.start(folder / "model.py")
    host = open_host(Path(sys.executable), standby=False, log=lambda level, text: None)
    await host.ready()
    found = []
    for number in range(1, WARM_UP_ROUNDS + rounds + 1):
        [seconds] = await bare.seconds("non-strict")
        await asyncio.sleep(PAUSE)
        repaired, _ = await time_capture(host, folder / "model.py", 2 * number)
        await asyncio.sleep(PAUSE)
        failing = await time_capture(host, PACKAGE / "model.py", 2 * number + 1)
        found.append(Round(seconds, repaired, *failing))
    await host.close()
    await bare.stop()
    return found[WARM_UP_ROUNDS:]


def report(rounds: list[Round]) -> Table:
    counts = "/".join(str(count) for count in sorted({r.found for r in rounds}))
    table = Table(
        title=f"Continuing past five guards: median (range) of {len(rounds)} rounds, non-strict"
    )
    for column in ("", "found", "milliseconds", "÷ one export", "÷ bare export"):
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
    in_rounds("Five guards in one capture, compared with an export.", 15, measure, report)
