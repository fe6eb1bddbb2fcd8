"""Measure when a failure in one edited block of a 32-layer model is shown.

The server, over stdio, and a process that only exports the unedited model take turns.

Usage: ``python -m tests.benchmarks.early [--rounds N]``.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from tests.benchmarks.side_by_side import (
    PATIENCE,
    PAUSE,
    BareExport,
    idle_again,
    in_rounds,
    open_editor,
    ratios,
    spread,
)
from tests.server.editor import Editor

FILE = Path(__file__).parent / "models" / "own_llama.py"
PLACE = "        return x + self.gated(self.after(x))\n"
EDIT = "        if x.sum() > {number}:\n            x = x + 1\n"
STATUS = "exportLsp/status"
# From a file's second check on, there is a snapshot and the calls of submodules are known.
WARM_UP_ROUNDS = 3
WORDS = "x.sum() > "


@dataclass(frozen=True)
class Round:
    """Seconds of a bare export, from a save to the failure, and to the end of the whole check."""

    bare: float
    early: float
    checked: float


def text(number: int | None) -> str:
    """Return the model's file; with a number, one block branches on data."""
    model = FILE.read_text(encoding="utf-8")
    if number is None:
        return model
    return model.replace(PLACE, EDIT.format(number=number) + PLACE)


async def save(editor: Editor, file: Path, number: int, bare: float) -> Round:
    """Save the file with a failing block that differs from all before it."""
    await asyncio.sleep(PAUSE)
    wanted, started = f"{WORDS}{number}`", time.perf_counter()
    times: dict[str, float] = {}
    seen = len(editor.notifications)

    def is_checked() -> bool:
        now = time.perf_counter() - started
        if any(wanted in item["message"] for item in editor.raw(file)):
            times.setdefault("early", now)
        news = [params for method, params in editor.notifications[seen:] if method == STATUS]
        if any("fixes" in str(status["message"]) for status in news):
            times.setdefault("checked", now)
        return idle_again(editor, seen)

    editor.save(file, text(number))
    await editor.wait_until(is_checked, timeout=PATIENCE)
    return Round(bare, times["early"], times["checked"])


async def measure(folder: Path, rounds: int) -> list[Round]:
    file = folder / "model.py"
    file.write_text(text(0))
    good = folder / "good"
    good.mkdir()
    (good / "model.py").write_text(text(None))
    bare, editor = await BareExport.start(good / "model.py"), await open_editor(file)
    found = []
    for number in range(1, 1 + WARM_UP_ROUNDS + rounds):
        [seconds] = await bare.seconds("non-strict")
        found.append(await save(editor, file, number, seconds))
    await editor.stop()
    await bare.stop()
    return found[WARM_UP_ROUNDS:]


def report(rounds: list[Round]) -> Table:
    bare = [r.bare for r in rounds]
    table = Table(
        title=f"A failing edit of one block of 32: median (range) of {len(rounds)} rounds",
        caption="Bare export: non-strict, of the unedited model, in a warm process.",
    )
    table.add_column("", no_wrap=True)
    for column in ("seconds", "÷ bare"):
        table.add_column(column, justify="right")
    for name, seconds in {
        "bare export": bare,
        "save to the first, early diagnostic": [r.early for r in rounds],
        "save to the end of the whole check": [r.checked for r in rounds],
    }.items():
        table.add_row(name, spread(seconds), spread(ratios(seconds, bare)))
    return table


if __name__ == "__main__":
    in_rounds("How early a failure in an edited block is shown.", 5, measure, report)
