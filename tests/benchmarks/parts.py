"""Where the time of a warm save goes, from the editor's message to the first diagnostic there.

A server that says when each part begins (`timed_server.py`); mapping, which is a part of the trace,
is timed in a process that carries out the same check.

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
from tests.benchmarks.models import MODELS, saved
from tests.benchmarks.side_by_side import PATIENCE, PAUSE, Bare, idle_again
from tests.benchmarks.timed_server import MARK
from tests.both_ways import warm_up
from tests.server.editor import Editor

ROUNDS = 5
# A file has its snapshot from its second check on.
UNCOUNTED = 3

# The parts, in their order; each begins with a mark of the server, the first with the save.
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
    """The seconds of each part of a save."""
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
    """The seconds from torch's question to the finding of it, what eager says included."""
    from export_lsp.worker.check.run import run_check
    from export_lsp.worker.stages.export import resumer
    from export_lsp.worker.system.forked_call import call_in_fork

    check = Check(1, str(file.parent), str(file), modes=("non-strict",), stages=STAGES[:7])

    def timed() -> float:
        asked: list[float] = []
        told: list[float] = []

        def asking(state: Any, question: Any) -> Any:
            asked.append(time.perf_counter())
            return answer(state, question)

        def hear(event: RunEvent) -> None:
            if isinstance(event, Found):
                told.append(time.perf_counter())

        answer = resumer.answer_guard
        with mock.patch.object(resumer, "answer_guard", asking):
            run_check(check, hear)
        return told[0] - asked[0]

    file.write_text(text)
    seconds = call_in_fork(timed, timeout=PATIENCE)
    assert seconds is not None
    return seconds


async def measure(name: str, file: Path) -> dict[str, float]:
    """The median of each part's seconds."""
    file.write_text(saved(name, 1))
    bare, editor = await Bare.start(file), await open_timed(file)
    rounds = []
    for number in range(2, 2 + UNCOUNTED + ROUNDS):
        [exported] = await bare.seconds("non-strict")
        parts = await save(editor, file, saved(name, number), f"== {number}")
        rounds.append({"bare export": exported, **parts})
    await editor.stop()
    await bare.stop()
    counted = rounds[UNCOUNTED:]
    found = {part: statistics.median(each[part] for each in counted) for part in counted[0]}
    mapped = [mapping(file, saved(name, number)) for number in range(ROUNDS)]
    found["mapping"] = statistics.median(mapped)
    found["trace"] -= found["mapping"]
    found["in all"] = sum(found[part] for part in (*PARTS, "mapping"))
    return found


def report(profiles: dict[str, dict[str, float]]) -> Table:
    table = Table(
        title=f"From a save to its first diagnostic, in milliseconds; medians of {ROUNDS}",
        caption="Server: from the editor's message to the host; host: to the run.",
    )
    table.add_column("")
    for name in profiles:
        table.add_column(name, justify="right")
    for part in ("bare export", *PARTS[:-1], "mapping", PARTS[-1], "in all"):
        cells = [f"{1000 * profile[part]:.1f}" for profile in profiles.values()]
        table.add_row(part, *cells, end_section=part in ("bare export", PARTS[-1]))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description="Where the time of a warm save goes.")
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
