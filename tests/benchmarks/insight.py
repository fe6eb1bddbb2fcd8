"""Measure the cost of insight: checks with and without the notes of a trace, and hints on request.

Each check runs in a fork of a process that is warm, as a run is forked from its host; the two
kinds take turns.  Insight's own time is that of turning the notes into shapes once a trace has
ended.  Hints and hovers are asked of a server over stdio that has a file of 5,000 lines open; the
round trip alone is timed with a request that needs no work.

Usage: ``python -m tests.benchmarks.insight [MODEL…]``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

from rich.console import Console
from rich.table import Table

from export_lsp.protocol import Check, Found, ModeEnded, RunEvent
from tests.benchmarks.models import model_text
from tests.benchmarks.server import LINES, percentiles, timed
from tests.benchmarks.side_by_side import PATIENCE, idle_again
from tests.both_ways import warm_up
from tests.server.editor import Editor

MODELS = ("mlp", "vit", "llama")
ROUNDS = 7
ASKED = 300

# Functions with a hint in each of three lines, until the file has `LINES` lines.
FUNCTION = "\n\ndef step_{number}(x):\n    a = x[:, None]\n    b = a.flatten()\n    return b\n"
NET = """

class Net(torch.nn.Module):
    def forward(self, x):
        return sum(step(x) for step in STEPS)


model = Net()
example_args = (torch.ones(2, 3),)
"""

Seconds = dict[str, list[float]]


def traced(file: Path, *, noted: bool) -> dict[str, float]:
    """Return the seconds to the first finding and to the end of the trace, and insight's own."""
    from export_lsp.worker.check.run import run_check
    from export_lsp.worker.insight.learn import learn as learned
    from export_lsp.worker.stages import export
    from export_lsp.worker.system.forked_call import call_in_fork

    check = Check(
        1, str(file.parent), str(file), modes=("non-strict",), stages=("capture", "guards")
    )

    def run() -> dict[str, float]:
        found: dict[str, float] = {"own": 0.0}
        began = time.perf_counter()

        def note(event: RunEvent) -> None:
            if isinstance(event, Found):
                found.setdefault("finding", time.perf_counter() - began)
            elif isinstance(event, ModeEnded):
                found.setdefault("trace", time.perf_counter() - began)

        def learn(*arguments: Any) -> Any:
            started = time.perf_counter()
            try:
                return learned(*arguments)
            finally:
                found["own"] += time.perf_counter() - started

        without = functools.partial(_without_insight, export.export)
        with contextlib.ExitStack() as stack:
            stack.enter_context(mock.patch.object(export, "learn", learn))
            if not noted:
                stack.enter_context(mock.patch.object(export, "export", without))
            run_check(check, note)
        return found

    found = call_in_fork(run, timeout=PATIENCE)
    assert found is not None
    return found


def _without_insight(export: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
    return export(*arguments, **{**options, "insight_wanted": False})


def side_by_side(name: str, folder: Path) -> tuple[Seconds, Seconds]:
    """Return the seconds of checks with and without insight."""
    file = folder / "model.py"
    file.write_text(model_text(name, 1))
    on: Seconds = {}
    off: Seconds = {}
    for turn in range(ROUNDS):
        order = [(on, True), (off, False)]
        for seconds, noted in order if turn % 2 else reversed(order):
            for part, value in traced(file, noted=noted).items():
                seconds.setdefault(part, []).append(value)
    return on, off


async def requests(folder: Path) -> Seconds:
    """Return the seconds of requests for the hints of a screen, all hints, and hovers."""
    file = folder / "model.py"
    file.write_text(large_text())
    editor = Editor("vscode-1.139", dict(os.environ))
    options = {"trusted": True, "interpreter": sys.executable, "insightHints": "all"}
    await editor.start([folder], options)
    editor.open(file)
    await editor.wait_until(
        lambda: editor.status.get("busy") is False and idle_again(editor, 0), timeout=PATIENCE
    )
    document = {"textDocument": {"uri": file.as_uri()}}
    first = large_text().split("\n").index("    a = x[:, None]")

    async def hints(start: int, end: int) -> None:
        places = ({"line": start, "character": 0}, {"line": end, "character": 0})
        asked = {**document, "range": dict(zip(("start", "end"), places, strict=True))}
        assert await editor.request("textDocument/inlayHint", asked)

    async def hover() -> None:
        asked = {**document, "position": {"line": first, "character": 4}}
        assert "f32" in str(await editor.request("textDocument/hover", asked))

    async def nothing() -> None:
        await editor.request("codeAction/resolve", {"title": "nothing", "edit": {}})

    acts: dict[str, Callable[[], Any]] = {
        "round trip": nothing,
        "hints of a screen": functools.partial(hints, first, first + 60),
        f"hints of {LINES} lines": functools.partial(hints, 0, LINES),
        "hover": hover,
    }
    found = {name: [await timed(act) for _ in range(ASKED)] for name, act in acts.items()}
    await editor.stop()
    return found


def large_text() -> str:
    """Return a model that calls functions with values in them, in `LINES` lines."""
    count = (LINES - len(NET.splitlines()) - 2) // FUNCTION.count("\n")
    functions = "".join(FUNCTION.format(number=number) for number in range(count))
    steps = f"\n\nSTEPS = [{', '.join(f'step_{number}' for number in range(count))}]\n"
    return f"import torch\n{functions}{steps}{NET}"


def report(measured: dict[str, tuple[Seconds, Seconds]]) -> Table:
    table = Table(title=f"Checks with insight ÷ without; medians of {ROUNDS}")
    for column in ("", "first finding, s", "on ÷ off", "own time, ms", "share of the trace"):
        table.add_column(column, justify="right" if column else "left")
    for name, (on, off) in measured.items():
        ratios = [a / b for a, b in zip(on["finding"], off["finding"], strict=True)]
        own, trace = statistics.median(on["own"]), statistics.median(on["trace"])
        table.add_row(
            name,
            f"{statistics.median(off['finding']):.3f}",
            f"{statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f})",
            f"{1000 * own:.1f}",
            f"{100 * own / trace:.1f} %",
        )
    return table


def report_requests(measured: Seconds) -> Table:
    table = Table(title=f"Requests to the server, with a file of {LINES} lines, in milliseconds")
    for column in ("", "median, p99"):
        table.add_column(column)
    for name, seconds in measured.items():
        table.add_row(name, percentiles(seconds))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description="The cost of insight.")
    parser.add_argument("models", nargs="*", default=list(MODELS))
    names = parser.parse_args().models
    os.environ["OMP_NUM_THREADS"] = "1"
    measured = {}
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            measured[name] = side_by_side(name, Path(folder).resolve())
    Console(width=110).print(report(measured))
    with tempfile.TemporaryDirectory() as folder:
        answers = asyncio.run(requests(Path(folder).resolve()))
    Console(width=110).print(report_requests(answers))


if __name__ == "__main__":
    warm_up()
    main()
