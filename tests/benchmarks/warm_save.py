"""Measure from a save to its diagnostics, compared with a bare export in a warm process.

The server, over stdio, and a process that only exports take turns, so that the load of the machine
is the same for both.  Prints a table of medians in milliseconds.

Usage: ``python -m tests.benchmarks.warm_save [--device cpu|cuda]``.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.benchmarks.side_by_side import BareExport, open_editor, save

ROUNDS = 25
WARM_UP_ROUNDS = 5

MODEL = """\
import torch


class MLP(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(
            torch.nn.Linear(16, 32), torch.nn.ReLU(), torch.nn.Linear(32, 4)
        )

    def forward(self, x, choice):
        y = self.layers(x)
        picked = y[choice]
        if picked.shape[0] == {number}:
            return y
        return picked


model = MLP().to("{device}")
# More rows than rounds: torch knows that no more rows can be picked.
example_args = (
    torch.randn(64, 16, device="{device}"), torch.tensor([True] * 64, device="{device}")
)
"""


@dataclass(frozen=True)
class Round:
    """Seconds of one round: bare exports in both modes, first and last diagnostic."""

    non_strict: float
    strict: float
    first: float
    last: float


async def measure(folder: Path, device: str) -> list[Round]:
    file = folder / "model.py"
    file.write_text(MODEL.format(number=0, device=device))
    bare = await BareExport.start(file)
    editor = await open_editor(file)
    rounds = []
    for number in range(ROUNDS):
        non_strict, strict = await bare.seconds("non-strict", "strict")
        text = MODEL.format(number=1 + number, device=device)
        saved = await save(editor, file, text, f"picked.shape[0] == {1 + number}")
        rounds.append(Round(non_strict, strict, saved.appeared[0], saved.in_all_modes))
    await editor.stop()
    await bare.stop()
    return rounds[WARM_UP_ROUNDS:]


def report(rounds: list[Round], device: str) -> Table:
    title = f"A warm save of a small model on {device}, medians of {len(rounds)} rounds"
    table = Table(title=title)
    for column in ("", "bare export, ms", "save, ms", "difference, ms", "ratio"):
        table.add_column(column, justify="right")
    rows = [
        ("first diagnostic", [r.non_strict for r in rounds], [r.first for r in rounds]),
        (
            "all diagnostics",
            [r.non_strict + r.strict for r in rounds],
            [r.last for r in rounds],
        ),
    ]
    for name, bare, saved in rows:
        ours, theirs = statistics.median(saved) * 1000, statistics.median(bare) * 1000
        numbers = [theirs, ours, ours - theirs]
        table.add_row(name, *(f"{number:.0f}" for number in numbers), f"{ours / theirs:.2f}")
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description="A save beside a bare export.")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    device = parser.parse_args().device
    with tempfile.TemporaryDirectory() as folder:
        rounds = asyncio.run(measure(Path(folder).resolve(), device))
    Console().print(report(rounds, device))


if __name__ == "__main__":
    main()
