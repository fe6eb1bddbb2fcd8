"""Measure a save of a failing 12-layer transformer, beside bare exports and ``draft_export``.

The server, over stdio, and warm processes that only export take turns.  The model has five
data-dependent guards in its sixth layer.  A bare export ends at the first, so the model is also
exported with the five ``torch._check`` that repair it.

Usage: ``python -m tests.benchmarks.transformer [--rounds N]``.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from tests.benchmarks.side_by_side import (
    PATIENCE,
    BareExport,
    Saved,
    in_rounds,
    open_editor,
    ratios,
    save,
    spread,
)

GUARDS = 5
WARM_UP_ROUNDS = 1

MODEL = """\
import torch
from torch import nn
from torch.export import Dim
from torch.nn import functional as F

WIDTH, HEADS, LAYERS, WORDS = 128, 4, 12, 1000


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.value, self.out = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)

    def heads(self, x):
        return x.view(x.shape[0], x.shape[1], HEADS, -1).transpose(1, 2)

    def forward(self, x, mask):
        q, k, v = (self.heads(part(x)) for part in (self.query, self.key, self.value))
        scores = q @ k.transpose(-1, -2) * (WIDTH // HEADS) ** -0.5
        weights = scores.masked_fill(~mask, float("-inf")).softmax(-1)
        return self.out((weights @ v).transpose(1, 2).reshape(x.shape))


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.before, self.attention = nn.LayerNorm(WIDTH), Attention()
        self.after = nn.LayerNorm(WIDTH)
        self.mix = nn.Sequential(
            nn.Linear(WIDTH, 4 * WIDTH), nn.GELU(), nn.Dropout(0.1), nn.Linear(4 * WIDTH, WIDTH)
        )

    def forward(self, x, mask):
        x = x + self.attention(self.before(x), mask)
        return x + self.mix(self.after(x))


class Routed(Layer):
    def forward(self, x, mask):
        x = super().forward(x, mask)
        score = x.mean(-1)
{guards}
        return x


class Transformer(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(WORDS, WIDTH)
        self.layers = nn.ModuleList(Routed() if i == 5 else Layer() for i in range(LAYERS))
        self.head = nn.Linear(WIDTH, WORDS)

    def forward(self, tokens):
        x = self.embedding(tokens)
        steps = torch.arange(tokens.shape[1])
        mask = steps[:, None] >= steps[None, :]
        for layer in self.layers:
            x = layer(x, mask)
        return self.head(x)


torch.manual_seed(0)
model = Transformer().eval()
example_args = (torch.randint(0, WORDS, (2, 16)),)
dynamic_shapes = {{"tokens": {{0: Dim("batch", max=64), 1: Dim("length", min=2, max=512)}}}}
"""
GUARD = """\
        part_{index} = x[score > 0.0{index}]
        if part_{index}.shape[0] == {number}:
            x = x + 1
"""
REPAIRED = GUARD.replace(
    "        if", "        torch._check(part_{index}.shape[0] != {number})\n        if"
)
# Larger than any selection from the example.
NUMBER = 1001


def model(guard: str, number: int) -> str:
    """Return the file with these guards, which compare with `number`, so that each save differs."""
    guards = "".join(guard.format(index=index, number=number) for index in range(1, GUARDS + 1))
    return MODEL.format(guards=guards)


@dataclass(frozen=True)
class Round:
    """The seconds of one round.

    `failing` is a bare non-strict export to the first failure, `repaired` one of the repaired
    model, `draft` is ``draft_export``.
    """

    failing: float
    repaired: float
    draft: float
    saved: Saved


async def measure(folder: Path, rounds: int) -> list[Round]:
    (folder / "repaired").mkdir()
    file, repaired = folder / "model.py", folder / "repaired" / "model.py"
    file.write_text(model(GUARD, 1000))
    repaired.write_text(model(REPAIRED, 1000))
    failing_process, repaired_process = (
        await BareExport.start(file),
        await BareExport.start(repaired),
    )
    editor = await open_editor(file)
    found = []
    for turn in range(WARM_UP_ROUNDS + rounds):
        number = NUMBER + turn
        failing, draft = await failing_process.seconds("non-strict", "draft_export")
        [whole] = await repaired_process.seconds("non-strict")
        saved = await save(editor, file, model(GUARD, number), f".shape[0] == {number}")
        found.append(Round(failing, whole, draft, saved))
    await asyncio.wait_for(editor.stop(), PATIENCE)
    for process in (failing_process, repaired_process):
        await process.stop()
    return found[WARM_UP_ROUNDS:]


def report(rounds: list[Round]) -> Table:
    shown = {len(r.saved.appeared) for r in rounds}
    table = Table(
        title=f"A warm save of a 12-layer transformer with {GUARDS} data-dependent guards,"
        f" {'/'.join(map(str, sorted(shown)))} of them shown; median (range)"
        f" of {len(rounds)} rounds",
        caption="Bare export: non-strict, in a warm process. The failing one ends at its first"
        " guard.",
    )
    table.add_column("", no_wrap=True)
    for column in (
        "seconds",
        "÷ bare, failing",
        "÷ bare, repaired",
        "draft ÷",
    ):
        table.add_column(column, justify="right")
    failing = [r.failing for r in rounds]
    repaired = [r.repaired for r in rounds]
    draft = [r.draft for r in rounds]
    for name, seconds in {
        "bare export, failing": failing,
        "bare export, repaired": repaired,
        "draft_export": draft,
        "first diagnostic": [r.saved.appeared[0] for r in rounds],
        "last diagnostic": [r.saved.appeared[-1] for r in rounds],
        "end of the check": [r.saved.end for r in rounds],
    }.items():
        table.add_row(
            name,
            spread(seconds),
            spread(ratios(seconds, failing)),
            spread(ratios(seconds, repaired)),
            spread(ratios(draft, seconds)),
            end_section=name == "draft_export",
        )
    return table


if __name__ == "__main__":
    in_rounds("A save of a transformer, compared with torch alone.", 5, measure, report)
