"""The widest dynamic shapes of targets, each exported by plain torch in a process of its own."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from export_lsp.engine.declaring.widest_shapes import Widest, widest_shapes
from export_lsp.protocol import Check, ShapesSuggested
from tests.checking import Worker
from tests.corpus_annotations import CORPUS

HEAD = "import torch\nfrom torch.export import Dim\n\n\nclass Net(torch.nn.Module):\n"

PLAIN = """\
import sys
sys.path.insert(0, {folder!r})
import torch
from net import example_args, model
from torch.export import Dim
for strict in (False, True):
    program = torch.export.export(model, example_args, dynamic_shapes={shapes}, strict=strict)
for sizes in ({sizes}):
    try:
        program.module()(*map(torch.ones, sizes))
        print(True)
    except Exception:
        print(False)
"""


def suggested(worker: Worker, file: Path, text: str) -> ShapesSuggested:
    file.write_text(text)
    found = Widest()
    for event in worker.check(file, suggests_shapes=True).events:
        found.note(event)
    return found.suggested["model"]


def runs_with(file: Path, text: str, shapes: str, *sizes: str) -> list[bool]:
    """Export with plain torch, and return whether the program takes each of some arguments."""
    file.write_text(text)
    script = PLAIN.format(folder=str(file.parent), shapes=shapes, sizes=", ".join([*sizes, ""]))
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return [line == "True" for line in done.stdout.split()]


MODELS = {
    "batch": (
        "    def forward(self, x, y):\n        return x + y.sum(1)\n",
        "(torch.ones(4, 3), torch.ones(4, 7, 3))",
        '{"x": {0: Dim("batch"), 1: Dim("x_dim1")}, '
        '"y": {0: Dim("batch"), 1: Dim("y_dim1"), 2: Dim("x_dim1")}}',
        ("((9, 5), (9, 2, 5))",),
        ("((9, 5), (8, 2, 5))",),
    ),
    "multiple": (
        "    def forward(self, x):\n        rows, columns = x.shape\n"
        "        return x.view(rows // 4, 4, columns).sum(1)\n",
        "(torch.ones(8, 3),)",
        '{"x": {0: 4 * Dim("_rows"), 1: Dim("columns")}}',
        ("((12, 5),)",),
        ("((13, 5),)",),
    ),
    "limited": (
        "    def forward(self, x):\n        return x * 2 if x.shape[0] > 100 else x[:, :3]\n",
        "(torch.ones(12, 9),)",
        '{"x": {0: Dim("batch", max=100), 1: Dim("x_dim1", min=4)}}',
        ("((100, 4),)",),
        ("((101, 9),)",),
    ),
    "derived": (
        "    def forward(self, x, y):\n        return x + y[1:]\n",
        "(torch.ones(4), torch.ones(5))",
        '{"x": {0: Dim("x_dim0")}, "y": {0: Dim("x_dim0") + 1}}',
        ("((7,), (8,))",),
        ("((7,), (7,))",),
    ),
}


@pytest.mark.parametrize(
    "name",
    [
        "multiple",
        *(pytest.param(name, marks=pytest.mark.long) for name in MODELS if name != "multiple"),
    ],
)
def test_shapes_that_plain_torch_exports_with(worker: Worker, tmp_path: Path, name: str) -> None:
    forward, args, shapes, taken, refused = MODELS[name]
    text = f"{HEAD}{forward}\n\nmodel = Net()\nexample_args = {args}\n"
    found = suggested(worker, tmp_path / "net.py", text)
    assert (found.text, found.modes, found.note) == (shapes, ("non-strict", "strict"), "")
    ran = runs_with(tmp_path / "net.py", text, found.text, *taken, *refused)
    assert ran == [True] * len(taken) + [False] * len(refused)


def test_sizes_that_depend_on_each_other_are_left_to_export(worker: Worker, tmp_path: Path) -> None:
    forward = "    def forward(self, x):\n        return x.view(-1, 6).sum(1)\n"
    text = f"{HEAD}{forward}\n\nmodel = Net()\nexample_args = (torch.ones(4, 9),)\n"
    found = suggested(worker, tmp_path / "net.py", text)
    assert found.text == '{"x": {0: Dim.AUTO, 1: Dim.AUTO}}'
    assert runs_with(tmp_path / "net.py", text, found.text, "((6, 5),)", "((5, 5),)") == [
        True,
        False,
    ]


def test_nested_inputs_and_a_size_that_cannot_vary(worker: Worker, tmp_path: Path) -> None:
    forward = (
        "    def forward(self, batch, *, scale=2):\n"
        "        return batch['x'][0] @ torch.ones(3, 2) + batch['n'].reshape(2) * scale\n"
    )
    inputs = "({'x': [torch.ones(5, 3)], 'n': torch.ones(2, 1)},)"
    text = f"{HEAD}{forward}\n\nmodel = Net()\nexample_args = {inputs}\n"
    found = suggested(worker, tmp_path / "net.py", text)
    assert found.text == '{"batch": {"x": [{0: Dim("batch")}], "n": None}}'
    assert "sizes below 2 are constants" in found.note


def test_named_tuples_are_written_as_such(worker: Worker, tmp_path: Path) -> None:
    forward = (
        "    def forward(self, pair, *more):\n        return pair.one * 2, pair.two, more[0] + 1\n"
    )
    pair = 'import collections\n\nPair = collections.namedtuple("Pair", "one two")\n'
    inputs = "(Pair(torch.ones(2, 3), torch.ones(1)), torch.ones(4))"
    text = f"{pair}{HEAD}{forward}\n\nmodel = Net()\nexample_args = {inputs}\n"
    found = suggested(worker, tmp_path / "net.py", text)
    assert found.text == (
        '{"pair": Pair(one={0: Dim("pair_one_dim0"), 1: Dim("pair_one_dim1")}, two=None), '
        '"more": ({0: Dim("more_0_dim0")},)}'
    )


def test_an_axis_that_breaks_the_export_is_left_out(worker: Worker, tmp_path: Path) -> None:
    text = (CORPUS / "controls" / "checked-bounds.py").read_text()
    found = suggested(worker, tmp_path / "net.py", text)
    shapes = '{"x": {1: torch.export.Dim("x_dim1")}, "start": None, "length": None}'
    assert (found.text, found.modes) == (shapes, ("non-strict", "strict"))


def test_a_model_that_fails_gets_the_reason(worker: Worker, tmp_path: Path) -> None:
    forward = "    def forward(self, x):\n        raise ValueError('no such luck')\n"
    text = f"{HEAD}{forward}\n\nmodel = Net()\nexample_args = (torch.ones(4, 3),)\n"
    found = suggested(worker, tmp_path / "net.py", text)
    assert (found.text, found.modes) == ("", ())
    assert found.note == "it does not export with sizes that vary: no such luck"


def test_the_search_asks_for_nothing_after_the_build(tmp_path: Path) -> None:
    asked: list[Check] = []

    async def carry_out(check: Check):  # type: ignore[no-untyped-def]
        asked.append(check)
        yield ShapesSuggested(check.run, "b", "None")

    found = asyncio.run(widest_shapes(carry_out, Check(0, "", ""), "b"))
    assert found.suggested["b"].text == "None"
    assert asked[0].only == ("b",)
    assert "decompose" not in asked[0].stages
