"""Measure the times that a user notices, and compare them with torch alone, in a table of ratios.

Servers over stdio, processes that only export, and cold scripts take turns, so that all see the
same load.  Each model ends in a data-dependent guard, so that a trace has to reach the end of the
model before the first diagnostic.

Usage: ``python -m tests.benchmarks [--rounds N] [MODEL…]``.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks.models import MODELS, model_text
from tests.benchmarks.side_by_side import PATIENCE, PAUSE, BareExport, open_editor, ratios, spread
from tests.checking import Worker
from tests.conftest import clean_environment
from tests.server.editor import Editor

WARM_UP_ROUNDS = 3
# Rounds with draft_export, which takes long.
DRAFT_ROUNDS = 2

SCRIPT = """
import torch.export
torch.export.export(
    model, example_args, dynamic_shapes=globals().get("dynamic_shapes"), strict=False
)
"""


@dataclass
class Measured:
    """The measurements of a model: seconds of each round, and memory in bytes."""

    script: list[float] = field(default_factory=list)
    cold: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)
    both: list[float] = field(default_factory=list)
    draft: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    checked: list[float] = field(default_factory=list)
    fix: list[float] = field(default_factory=list)
    unchanged: list[float] = field(default_factory=list)
    reverted: list[float] = field(default_factory=list)
    script_memory: int = 0
    memory: int = 0


async def run_script(file: Path, measured: Measured) -> None:
    """Run the model's file with an export at its end, as a user without export-lsp does."""
    script = file.with_name("script.py")
    script.write_text(f"{file.read_text()}{SCRIPT}")
    started = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(script),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    await asyncio.wait_for(process.wait(), PATIENCE)
    measured.script.append(time.perf_counter() - started)
    measured.script_memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024


async def start_cold(file: Path, home: Path, measured: Measured) -> None:
    """Open the file in an editor, with an empty cache."""
    started = time.perf_counter()
    editor = Editor("vscode-1.139", clean_environment(home))
    await editor.start([file.parent], {"trusted": True, "interpreter": sys.executable})
    editor.open(file)
    await editor.wait_until(lambda: editor.raw(file), timeout=PATIENCE)
    measured.cold.append(time.perf_counter() - started)
    await editor.stop()


async def save(editor: Editor, file: Path, text: str, wanted: str, measured: Measured) -> None:
    """Save a text, and measure until its fix is offered.

    Args:
        editor: an editor with the file open.
        file: the model's file.
        text: differs from all texts before it, whose results would be recalled.
        wanted: part of the message of its first diagnostic.
        measured: receives the times.
    """
    await asyncio.sleep(PAUSE)
    seen = len(editor.notifications)
    times: dict[str, float] = {}
    started = time.perf_counter()

    def note(name: str, condition: Callable[[], object]) -> None:
        if name not in times and condition():
            times[name] = time.perf_counter() - started

    def statuses() -> list[dict[str, object]]:
        news = editor.notifications[seen:]
        return [params for method, params in news if method == "exportLsp/status"]

    def is_shown() -> bool:
        note("first", lambda: any(wanted in item["message"] for item in editor.raw(file)))
        return "first" in times

    def is_over() -> bool:
        over = [not status["busy"] or "fixes" in str(status["message"]) for status in statuses()]
        note("checked", lambda: any(over))
        return "checked" in times

    async def ask_for_fix() -> None:
        request = {
            "textDocument": {"uri": file.as_uri()},
            "range": editor.raw(file)[0]["range"],
            "context": {"diagnostics": [], "only": ["quickfix"]},
        }
        while True:
            actions = await editor.request("textDocument/codeAction", request)
            if any(action["kind"] == "quickfix" for action in actions):
                break
            if "checked" in times and not editor.status["busy"]:
                return  # none is offered: its trial has timed out
            await asyncio.sleep(0.01)
        note("fix", lambda: True)

    editor.save(file, text)
    await editor.wait_until(is_shown, timeout=PATIENCE)
    await asyncio.gather(ask_for_fix(), editor.wait_until(is_over, timeout=PATIENCE))
    await editor.wait_until(lambda: not editor.status.get("busy"), timeout=PATIENCE)
    measured.first.append(times["first"])
    measured.checked.append(times["checked"])
    measured.fix.append(times.get("fix", math.nan) - times["first"])


async def save_again(editor: Editor, file: Path, other: str, measured: Measured) -> None:
    """Save texts that have been checked: the current one, and the one before it (`other`)."""
    hover = {"textDocument": {"uri": file.as_uri()}, "position": {"line": 0, "character": 0}}
    text, before = file.read_text(), editor.recalled
    started = time.perf_counter()
    editor.save(file, text)
    await editor.request("textDocument/hover", hover)
    measured.unchanged.append(time.perf_counter() - started)
    started = time.perf_counter()
    editor.save(file, other)
    await editor.wait_until(lambda: editor.recalled > before, timeout=PATIENCE)
    measured.reverted.append(time.perf_counter() - started)
    await editor.checked(lambda: editor.save(file, text))


async def measure(name: str, folder: Path, rounds: int) -> Measured:
    measured = Measured()
    file = folder / "model.py"
    file.write_text(model_text(name, 1))
    for turn in range(max(2, rounds // 2)):
        await run_script(file, measured)
        await start_cold(file, folder / f"home-{turn}", measured)
    bare, editor = await BareExport.start(file), await open_editor(file)
    for turn in range(WARM_UP_ROUNDS + rounds):
        non_strict, strict = await bare.seconds("non-strict", "strict")
        measured.bare.append(non_strict)
        measured.both.append(non_strict + strict)
        if len(measured.draft) < DRAFT_ROUNDS:
            measured.draft += await bare.seconds("draft_export")
        number = 2 + turn
        await save(editor, file, model_text(name, number), f"== {number}", measured)
        if turn:
            await save_again(editor, file, model_text(name, number - 1), measured)
    await editor.stop()
    await bare.stop()
    for times in (
        measured.bare,
        measured.both,
        measured.first,
        measured.checked,
        measured.fix,
    ):
        del times[:WARM_UP_ROUNDS]
    worker = Worker()
    measured.memory = (await asyncio.to_thread(worker.check, file)).peak_memory
    worker.close()
    return measured


def report(found: dict[str, Measured]) -> Table:
    table = Table(
        title="Compared with torch alone; median (range)",
        caption="Bare export: torch.export.export in a warm process that has the model, up to its"
        " first failure; non-strict unless both modes are named.",
    )
    table.add_column("", no_wrap=True)
    for name in found:
        table.add_column(name, justify="right")

    def row(name: str, cell: Callable[[Measured], str], *, last: bool = False) -> None:
        table.add_row(name, *(cell(measured) for measured in found.values()), end_section=last)

    def each(ours: Sequence[float], theirs: Sequence[float]) -> str:
        middle = statistics.median(theirs)
        return spread([value / middle for value in ours])

    row("bare export, s", lambda m: spread(m.bare))
    row("bare exports in both modes, s", lambda m: spread(m.both))
    row("python script.py, s", lambda m: spread(m.script))
    row("draft_export, s", lambda m: spread(m.draft), last=True)
    row("cold start to first diagnostic ÷ script", lambda m: each(m.cold, m.script))
    row("warm first diagnostic ÷ bare", lambda m: spread(ratios(m.first, m.bare)))
    row("warm first diagnostic - bare, ms", lambda m: spread(_difference(m.first, m.bare)))
    row("script ÷ warm first diagnostic", lambda m: each(m.script, m.first))
    row("draft_export ÷ warm first diagnostic", lambda m: each(m.draft, m.first))
    row("all diagnostics ÷ bare", lambda m: spread(ratios(m.checked, m.bare)))
    row("all diagnostics ÷ bare in both modes", lambda m: spread(ratios(m.checked, m.both)))
    row("fix offered after its diagnostic ÷ bare", lambda m: spread(ratios(m.fix, m.bare)))
    row("  ÷ bare in both modes", lambda m: spread(ratios(m.fix, m.both)))
    row("unchanged save, ms", lambda m: spread([1000 * each for each in m.unchanged]))
    row("reverted save to diagnostics, ms", lambda m: spread([1000 * each for each in m.reverted]))
    row("peak memory of the run, MB", lambda m: f"{m.memory / 1e6:.0f}")
    row("peak memory ÷ script", lambda m: f"{m.memory / m.script_memory:.2f}")
    return table


def _difference(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    return [1000 * (mine - other) for mine, other in zip(ours, theirs, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(description="Times that a user notices, beside torch alone.")
    parser.add_argument("models", nargs="*", default=list(MODELS))
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    found = {}
    for name in options.models:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder).resolve()
            (root / "workspace").mkdir()
            found[name] = asyncio.run(measure(name, root / "workspace", options.rounds))
    Console(width=150).print(report(found))


if __name__ == "__main__":
    main()
