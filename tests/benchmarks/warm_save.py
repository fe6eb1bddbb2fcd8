"""How long after a save diagnostics come, beside a bare export in a warm process.

The real server, over stdio, and a process that does nothing but export take turns, save by save,
so that both see the same machine.  Prints a table of medians in milliseconds.

Usage: ``python -m tests.benchmarks.warm_save``.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from export_lsp.protocol import MODES
from tests.server.editor import Editor

# Seconds between saves, which a person's are apart at least: what the server does after a check,
# such as forking ahead of the next one, is not part of either.
PAUSE = 0.7
ROUNDS = 25
UNCOUNTED = 5

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


model = MLP()
example_args = (torch.randn(8, 16), torch.tensor([True] * 8))
"""


@dataclass(frozen=True)
class Round:
    """Seconds of one round: bare exports in both modes, first diagnostic, last one."""

    non_strict: float
    strict: float
    first: float
    last: float


async def measure(folder: Path) -> list[Round]:
    file = folder / "model.py"
    file.write_text(MODEL.format(number=0))
    bare = await asyncio.create_subprocess_exec(
        sys.executable,
        str(Path(__file__).with_name("bare.py")),
        str(file),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    editor = Editor("vscode-1.139", dict(os.environ))
    await editor.start([folder], {"trusted": True, "interpreter": sys.executable})
    editor.open(file)
    await editor.wait_until(lambda: editor.raw(file) and not editor.status.get("busy"))
    rounds = [await one_round(editor, bare, file, number) for number in range(1, ROUNDS + 1)]
    await editor.stop()
    bare.kill()
    await bare.wait()
    return rounds[UNCOUNTED:]


async def one_round(
    editor: Editor, bare: asyncio.subprocess.Process, file: Path, number: int
) -> Round:
    assert bare.stdin is not None
    assert bare.stdout is not None
    bare.stdin.write(b"\n")
    non_strict, strict = map(float, (await bare.stdout.readline()).split())
    await asyncio.sleep(PAUSE)
    wanted = f"picked.shape[0] == {1 + number % 2}"
    seen = len(editor.notifications)
    started = time.perf_counter()
    editor.save(file, MODEL.format(number=1 + number % 2))
    await editor.wait_until(lambda: modes_of(wanted, editor, file))
    first = time.perf_counter() - started
    await editor.wait_until(lambda: len(modes_of(wanted, editor, file)) == len(MODES))
    last = time.perf_counter() - started
    await editor.wait_until(lambda: idle_again(editor, seen))
    return Round(non_strict, strict, first, last)


def modes_of(wanted: str, editor: Editor, file: Path) -> list[str]:
    """The modes that the diagnostic at hand says it was met in; none while it is not there."""
    modes = (item["data"]["modes"] for item in editor.raw(file) if wanted in item["message"])
    return next(modes, [])


def idle_again(editor: Editor, seen: int) -> bool:
    """Whether the server has reported the end of a check since message `seen`."""
    news = [
        params for method, params in editor.notifications[seen:] if method == "exportLsp/status"
    ]
    return bool(news) and not news[-1]["busy"] and any(params["busy"] for params in news)


def report(rounds: list[Round]) -> Table:
    table = Table(title=f"A warm save of a small model, medians of {len(rounds)} rounds")
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
    with tempfile.TemporaryDirectory() as folder:
        rounds = asyncio.run(measure(Path(folder).resolve()))
    Console().print(report(rounds))


if __name__ == "__main__":
    main()
