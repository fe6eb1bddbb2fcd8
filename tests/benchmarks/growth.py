"""Measure how time and memory grow with layers, targets, workspace files and dependents.

Usage: ``python -m tests.benchmarks.growth [--picture FILE]``; the picture needs matplotlib.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import os
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from export_lsp.protocol import Found
from tests.benchmarks.side_by_side import PATIENCE
from tests.checking import Worker
from tests.conftest import clean_environment
from tests.server.editor import Editor

LAYERS = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(16, 16) for _ in range({layers}))

    def forward(self, x):
        for layer in self.layers:
            x = torch.relu(layer(x)) + x
        picked = x[x > 0]
        if picked.shape[0] == 1:
            return x
        return picked


"""
TARGET = "model, example_args = Net(), (torch.randn(2, 16),)\n"
TARGETS = """\
export_targets = {{
    f"target {{number}}": {{"model": Net, "args": (torch.randn(2, 16),)}}
    for number in range({count})
}}
"""
# Checks that do not count, since the host warms up meanwhile.
WARM_UP_ROUNDS = 3
DEPENDENT = f"import torch\nfrom layers import Net\n\n{TARGET}"


@dataclass(frozen=True)
class Point:
    """Seconds, and memory in MB, for a number of layers, targets, files or dependents."""

    count: int
    seconds: float
    megabytes: float


def layers(worker: Worker, folder: Path, count: int) -> Point:
    """Measure a check of a model with this many layers, and the run's peak memory."""
    return _checked(worker, folder, LAYERS.format(layers=count) + TARGET, count)


def targets(worker: Worker, folder: Path, count: int) -> Point:
    """Measure a check of a file with this many targets, and the run's peak memory."""
    return _checked(worker, folder, LAYERS.format(layers=2) + TARGETS.format(count=count), count)


def _checked(worker: Worker, folder: Path, text: str, count: int) -> Point:
    file = folder / "model.py"
    file.write_text(text)
    started = time.perf_counter()
    checked = worker.check(file, timeout=PATIENCE)
    seconds = time.perf_counter() - started
    assert any(isinstance(event, Found) for event in checked.events)
    return Point(count, seconds, checked.peak_memory / 1e6)


async def files(folder: Path, count: int) -> Point:
    """Measure a save in a workspace of this many files, and the server's memory."""
    for number in range(count):
        package = folder / f"package_{number // 100}"
        package.mkdir(exist_ok=True)
        (package / f"module_{number}.py").write_text("import os\n")
    file = folder / "model.py"
    file.write_text(LAYERS.format(layers=2) + TARGET)
    editor = await _editor(folder)
    await editor.checked(lambda: editor.open(file))
    seconds = await _last_save(editor, file, lambda mark: mark in str(editor.raw(file)))
    memory = _resident(editor.process.pid)
    await editor.idle()
    await editor.stop()
    return Point(count, seconds, memory)


async def dependents(folder: Path, count: int) -> Point:
    """Measure a save of a module that this many open models import, to the last diagnostic."""
    module = folder / "layers.py"
    module.write_text(LAYERS.format(layers=2))
    editor = await _editor(folder)
    for number in range(count):
        file = folder / f"model_{number}.py"
        file.write_text(DEPENDENT)
        editor.open(file)
    editor.open(module)
    owners = [f"model_{number}.py" for number in range(count)]
    await editor.wait_until(lambda: _names(editor, module, owners, "== 1"), timeout=PATIENCE)
    seconds = await _last_save(editor, module, lambda mark: _names(editor, module, owners, mark))
    memory = _resident(editor.process.pid)
    await editor.stop()
    return Point(count, seconds, memory)


async def _last_save(editor: Editor, file: Path, shows: Callable[[str], bool]) -> float:
    """Save several times; return the seconds from the last save to its diagnostic."""
    text, seconds = file.read_text(), 0.0
    for number in range(2, 3 + WARM_UP_ROUNDS):
        await editor.idle()
        mark = f"== {number}"
        started = time.perf_counter()
        editor.save(file, text.replace("== 1:", f"{mark}:"))
        await editor.wait_until(functools.partial(shows, mark), timeout=PATIENCE)
        seconds = time.perf_counter() - started
    return seconds


def _names(editor: Editor, module: Path, owners: list[str], number: str) -> bool:
    """Return whether the module's problem with this number has the targets of all owners."""
    targets = [each["data"]["targets"] for each in editor.raw(module) if number in each["message"]]
    return bool(targets) and len(targets[0]) == len(owners)


async def _editor(folder: Path) -> Editor:
    editor = Editor("vscode-1.139", clean_environment(folder / "home"))
    options = {"trusted": True, "interpreter": sys.executable, "fixCandidates": 0}
    await editor.start([folder], options)
    return editor


def _resident(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def measure() -> dict[str, list[Point]]:
    worker = Worker()
    found: dict[str, list[Point]] = {}
    checked: list[tuple[str, Callable[[Worker, Path, int], Point], tuple[int, ...]]] = [
        ("layers", layers, (2, 4, 8, 16, 32, 64)),
        ("targets", targets, (1, 5, 10, 25, 50)),
    ]
    for name, measured, counts in checked:
        points = []
        for count in (*[counts[0]] * WARM_UP_ROUNDS, *counts):
            with tempfile.TemporaryDirectory() as folder:
                points.append(measured(worker, Path(folder).resolve(), count))
        found[name] = points[WARM_UP_ROUNDS:]
    worker.close()
    edited: list[tuple[str, Callable[[Path, int], Coroutine[Any, Any, Point]], tuple[int, ...]]] = [
        ("files", files, (10, 100, 1000, 5000)),
        ("dependents", dependents, (1, 5, 10, 20)),
    ]
    for name, measuring, counts in edited:
        found[name] = []
        for count in counts:
            with tempfile.TemporaryDirectory() as folder:
                found[name].append(asyncio.run(measuring(Path(folder).resolve(), count)))
    return found


def report(found: dict[str, list[Point]]) -> Table:
    table = Table(title="Growth: seconds, and megabytes of the run (layers, targets) or the server")
    table.add_column("")
    for column in ("how many", "s", "s each", "MB"):
        table.add_column(column, justify="right")
    for name, points in found.items():
        for point in points:
            cells = (f"{point.seconds:.2f}", f"{point.seconds / point.count:.3f}")
            table.add_row(
                name,
                str(point.count),
                *cells,
                f"{point.megabytes:.0f}",
                end_section=point is points[-1],
            )
    return table


def draw(found: dict[str, list[Point]], file: Path) -> None:
    """Write a picture of time against number, with a panel for each; it needs matplotlib."""
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(found), figsize=(4 * len(found), 3))
    for panel, (name, points) in zip(panels, found.items(), strict=True):
        panel.plot([p.count for p in points], [p.seconds for p in points], "o-")
        panel.set(xlabel=name, ylabel="seconds", ylim=(0, None), xlim=(0, None))
    figure.tight_layout()
    figure.savefig(file)


def main() -> None:
    parser = argparse.ArgumentParser(description="How time and memory grow.")
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    found = measure()
    Console(width=120).print(report(found))
    if options.picture is not None:
        draw(found, options.picture)


if __name__ == "__main__":
    main()
