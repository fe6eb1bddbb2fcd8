"""Measure the server while someone types and saves: response times, memory, runs.

A server over stdio has a file of 5,000 lines open.  A change is timed with a hover request after
it, which is answered at once.  The round trip alone is timed with a request that needs no work: to
resolve a code action that has its edits.

Usage: ``python -m tests.benchmarks.server``.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from export_lsp.protocol import PROCESS_PREFIX
from tests.benchmarks.models import model_text
from tests.benchmarks.side_by_side import PATIENCE, PAUSE, idle_again, spread
from tests.server.editor import Editor, resident_megabytes

LINES = 5_000
TYPED = 300
ASKED = 100
SAVES = 50
SECONDS = 2.0
ROUNDS = 3
WARM_UP_ROUNDS = 2

MORE = ("torch.randn(8, 16)", "torch.randn(800, 16)")
RUN = f"{PROCESS_PREFIX}run"


@dataclass
class Measured:
    """Seconds, megabytes, and the highest number of runs at a time."""

    round_trip: list[float] = field(default_factory=list)
    change: list[float] = field(default_factory=list)
    whole_change: list[float] = field(default_factory=list)
    actions: list[float] = field(default_factory=list)
    unchanged: list[float] = field(default_factory=list)
    check: list[float] = field(default_factory=list)
    burst: list[float] = field(default_factory=list)
    results: list[int] = field(default_factory=list)
    runs: list[int] = field(default_factory=list)
    megabytes: float = 0.0


async def timed(act: Callable[[], Awaitable[object]]) -> float:
    started = time.perf_counter()
    await act()
    return time.perf_counter() - started


async def open_large(folder: Path) -> tuple[Editor, Path]:
    """Return an editor with a large file open, for which a fix is offered."""
    file = folder / "model.py"
    file.write_text(text(1))
    editor = Editor("vscode-1.139", dict(os.environ))
    await editor.start([folder], {"trusted": True, "interpreter": sys.executable})
    editor.open(file)
    await editor.wait_until(lambda: editor.raw(file) and idle_again(editor, 0), timeout=PATIENCE)
    return editor, file


def text(number: int) -> str:
    # More elements than saves: beyond the number of elements, torch knows the guard's answer.
    model = model_text("mlp", number).replace(*MORE)
    assert MORE[1] in model
    return model + "# filling\n" * (LINES - model.count("\n"))


async def type_and_ask(editor: Editor, file: Path, measured: Measured) -> None:
    """Time typing at the end of the file, replacing its whole text, and code actions."""
    uri = file.as_uri()
    place = {"line": LINES - 1, "character": 0}

    async def answered() -> None:
        await editor.request(
            "textDocument/hover", {"textDocument": {"uri": uri}, "position": place}
        )

    async def round_trip() -> None:
        await editor.request("codeAction/resolve", {"title": "nothing", "edit": {}})

    async def typed() -> None:
        editor.insert(file, LINES - 1, "x")
        await answered()

    async def replaced() -> None:
        editor.change(file, editor.documents[file][0])
        await answered()

    async def asked() -> None:
        [diagnostic, *_] = editor.raw(file)
        context = {"diagnostics": [diagnostic], "triggerKind": 2}
        params = {"textDocument": {"uri": uri}, "range": diagnostic["range"], "context": context}
        assert await editor.request("textDocument/codeAction", params)

    for _ in range(TYPED):
        measured.round_trip.append(await timed(round_trip))
        measured.change.append(await timed(typed))
    measured.whole_change = [await timed(replaced) for _ in range(ASKED)]
    measured.actions = [await timed(asked) for _ in range(ASKED)]


async def save_once(editor: Editor, file: Path, number: int) -> float:
    """Return the seconds from a save to the end of its check."""
    await asyncio.sleep(PAUSE)
    seen = len(editor.notifications)

    async def act() -> None:
        editor.save(file, text(number))
        await editor.wait_until(lambda: idle_again(editor, seen), timeout=PATIENCE)

    return await timed(act)


async def save_unchanged(editor: Editor, file: Path) -> float:
    """Return the seconds of a save of the same text and a hover request after it."""
    params = {"textDocument": {"uri": file.as_uri()}, "position": {"line": 0, "character": 0}}

    async def act() -> None:
        editor.save(file)
        await editor.request("textDocument/hover", params)

    seen = len(editor.notifications)
    seconds = await timed(act)
    assert not any(
        params.get("busy") for name, params in editor.notifications[seen:] if "status" in name
    )
    return seconds


async def save_often(editor: Editor, file: Path, first: int, measured: Measured) -> None:
    """Save many texts in quick succession; time from the last save to the end of its check."""
    await asyncio.sleep(PAUSE)
    published, most = len(editor.published), 0
    for number in range(first, first + SAVES):
        editor.save(file, text(number))
        most = max(most, _running(editor))
        await asyncio.sleep(SECONDS / SAVES)
    started = time.perf_counter() - SECONDS / SAVES
    last = f"== {first + SAVES - 1}`"
    await editor.wait_until(
        lambda: last in str(editor.raw(file)) and not editor.status["busy"], timeout=PATIENCE
    )
    measured.burst.append(time.perf_counter() - started)
    measured.runs.append(max(most, _running(editor)))
    shown = {
        item["message"]
        for each in editor.published[published:]
        for item in each["diagnostics"]
        if any(f"== {number}`" in item["message"] for number in range(first, first + SAVES))
    }
    measured.results.append(len(shown))


def _running(editor: Editor) -> int:
    names = []
    for pid in editor.marked_processes():
        try:
            names.append(Path(f"/proc/{pid}/comm").read_text().strip())
        except OSError:
            continue  # it has ended
    return names.count(RUN)


async def measure(folder: Path) -> Measured:
    measured = Measured()
    editor, file = await open_large(folder)
    await type_and_ask(editor, file, measured)
    number = 2
    for turn in range(WARM_UP_ROUNDS + ROUNDS):
        seconds = await save_once(editor, file, number)
        measured.unchanged.append(await save_unchanged(editor, file))
        if turn >= WARM_UP_ROUNDS:
            measured.check.append(seconds)
            await save_often(editor, file, number + 1, measured)
        number += 1 + SAVES
    measured.megabytes = resident_megabytes(editor.process.pid)
    await editor.stop()
    return measured


def percentiles(seconds: list[float]) -> str:
    """Return the median and the 99th percentile, in milliseconds."""
    middle, last = statistics.median(seconds), statistics.quantiles(seconds, n=100)[98]
    return f"{1000 * middle:.1f}, p99 {1000 * last:.1f}"


def report(measured: Measured) -> Table:
    table = Table(title=f"The server, with a file of {LINES} lines")
    for column in ("", "measured", "goal"):
        table.add_column(column)
    one = statistics.median(measured.check)
    ratio = spread([seconds / one for seconds in measured.burst])
    rows = [
        ("round trip, ms", percentiles(measured.round_trip), ""),
        ("didChange of one character, ms", percentiles(measured.change), "p99 ≤ 5"),
        ("didChange of the whole text, ms", percentiles(measured.whole_change), ""),
        ("code actions, ms", percentiles(measured.actions), "≤ 10"),
        ("unchanged save, ms", spread([1000 * each for each in measured.unchanged]), "≤ 20"),
        (f"{SAVES} saves in {SECONDS:g} s: check of the last ÷ one check", ratio, "≤ 1.2"),
        ("  of these, results shown", spread(measured.results), "1"),
        ("  of these, runs at a time, at most", str(max(measured.runs)), ""),
        ("resident memory, MB", f"{measured.megabytes:.0f}", "≤ 60"),
    ]
    for row in rows:
        table.add_row(*row)
    return table


def main() -> None:
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        measured = asyncio.run(measure(Path(folder).resolve()))
    Console(width=110).print(report(measured))


if __name__ == "__main__":
    main()
