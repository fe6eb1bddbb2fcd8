"""Measure the parts of a warm save, from the editor's message to the first diagnostic.

A server logs when each part starts (`timed_server.py`).  Mapping a guard to the source, a part of
the trace, is timed in a separate process that carries out the same check.

Usage: ``python -m tests.benchmarks.parts [MODEL…]``.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from unittest import mock

from rich.console import Console
from rich.table import Table

from export_lsp.protocol import Check, Found, RunEvent
from export_lsp.stages import STAGES
from tests.benchmarks.models import MODELS, model_text
from tests.benchmarks.side_by_side import PATIENCE, PAUSE, BareExport, idle_again
from tests.benchmarks.timed_server import MARK
from tests.both_ways import warm_up
from tests.server.editor import Editor

ROUNDS = 5
# A file has a snapshot from its second check on.
WARM_UP_ROUNDS = 3

# The parts in order. Each begins with a mark in the server's log, the first with the save.
PARTS = ("server", "host", "import", "build", "trace", "publish")


async def open_timed(file: Path) -> Editor:
    editor = Editor("vscode-1.139", dict(os.environ))
    editor.server = ("-m", "tests.benchmarks.timed_server")
    options = {"trusted": True, "interpreter": sys.executable, "fixCandidates": 0}
    await editor.start([file.parent], options)
    editor.open(file)
    await editor.wait_until(lambda: editor.raw(file) and idle_again(editor, 0), timeout=PATIENCE)
    return editor


async def save(editor: Editor, file: Path, text: str, wanted: str) -> dict[str, float]:
    """Save a text; return the seconds of each part, up to the diagnostic with `wanted`."""
    await asyncio.sleep(PAUSE)
    seen = len(editor.notifications)
    editor.stderr.clear()
    starts = {"server": time.perf_counter()}
    editor.save(file, text)
    await editor.wait_until(lambda: wanted in str(editor.raw(file)), timeout=PATIENCE)
    end = time.perf_counter()
    await editor.wait_until(lambda: idle_again(editor, seen), timeout=PATIENCE)
    for line in editor.stderr.decode().splitlines():
        if line.startswith(MARK):
            _, seconds, name = line.split()
            starts.setdefault(name, float(seconds))
    ends = [*(starts[part] for part in PARTS[1:]), end]
    return {part: stop - starts[part] for part, stop in zip(PARTS, ends, strict=True)}


def mapping(file: Path, text: str) -> float:
    """Return the seconds from torch's guard to its finding, the eager run included."""
    from export_lsp.worker.check.run import run_check
    from export_lsp.worker.stages.export import resumer
    from export_lsp.worker.system.forked_call import call_in_fork

    check = Check(1, str(file.parent), str(file), modes=("non-strict",), stages=STAGES[:7])

    def timed() -> float:
        asked: list[float] = []
        reported: list[float] = []

        def timed_answer(state: Any, question: Any) -> Any:
            asked.append(time.perf_counter())
            return answer(state, question)

        def report(event: RunEvent) -> None:
            if isinstance(event, Found):
                reported.append(time.perf_counter())

        answer = resumer.answer_guard
        with mock.patch.object(resumer, "answer_guard", timed_answer):
            run_check(check, report)
        return reported[0] - asked[0]

    file.write_text(text)
    seconds = call_in_fork(timed, timeout=PATIENCE)
    assert seconds is not None
    return seconds


async def measure(name: str, file: Path) -> dict[str, float]:
    """Return the median of the seconds of each part."""
    file.write_text(model_text(name, 1))
    bare, editor = await BareExport.start(file), await open_timed(file)
    rounds = []
    for number in range(2, 2 + WARM_UP_ROUNDS + ROUNDS):
        [exported] = await bare.seconds("non-strict")
        parts = await save(editor, file, model_text(name, number), f"== {number}")
        rounds.append({"bare export": exported, **parts})
    await editor.stop()
    await bare.stop()
    counted = rounds[WARM_UP_ROUNDS:]
    found = {part: statistics.median(each[part] for each in counted) for part in counted[0]}
    mapped = [mapping(file, model_text(name, number)) for number in range(ROUNDS)]
    found["mapping"] = statistics.median(mapped)
    found["trace"] -= found["mapping"]
    found["total"] = sum(found[part] for part in (*PARTS, "mapping"))
    return found


def report(profiles: dict[str, dict[str, float]]) -> Table:
    table = Table(
        title=f"From a save to its first diagnostic, in milliseconds; medians of {ROUNDS}",
        caption="Server: from the editor's message to the request to the host; host: to the run.",
    )
    table.add_column("")
    for name in profiles:
        table.add_column(name, justify="right")
    for part in ("bare export", *PARTS[:-1], "mapping", PARTS[-1], "total"):
        cells = [f"{1000 * profile[part]:.1f}" for profile in profiles.values()]
        table.add_row(part, *cells, end_section=part in ("bare export", PARTS[-1]))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description="The parts of a warm save.")
    parser.add_argument("models", nargs="*", default=list(MODELS))
    names = parser.parse_args().models
    os.environ["OMP_NUM_THREADS"] = "1"
    profiles = {}
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            profiles[name] = asyncio.run(measure(name, Path(folder).resolve() / "model.py"))
    Console(width=120).print(report(profiles))


if __name__ == "__main__":
    warm_up()
    main()
