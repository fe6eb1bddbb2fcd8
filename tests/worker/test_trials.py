"""A trial compares the edited model and its program with the model on disk, on other inputs too."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent

import pytest

from export_lsp.protocol import Compared, Location, Position
from tests.checking import Checked, Worker

HEAD = """\
import torch
from torch import nn
from torch.export import Dim


class Net(nn.Module):
    def forward(self, x, n):
"""
TAIL = """

model = Net()
example_args = (torch.randn(6, 3), torch.tensor([1, 2]))
dynamic_shapes = {"x": {0: Dim("rows")}, "n": None}
"""
BEFORE = """\
k = n.max().item()
if k > 3:
    k = 3
return x[:k].sum(0)
"""


@dataclass(frozen=True)
class Trial:
    """The findings of a trial."""

    checked: Checked

    @property
    def compared(self) -> Compared:
        return [event for event in self.checked.events if isinstance(event, Compared)][-1]

    @property
    def rules(self) -> set[str]:
        return {finding.rule for finding in self.checked.findings}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "model.py"


def text(body: str) -> str:
    return f"{HEAD}{indent(dedent(body), ' ' * 8)}{TAIL}"


def tried(worker: Worker, file: Path, after: str, before: str = BEFORE, guard: str = "") -> Trial:
    """Try to put a body of `forward` in place of another; `guard` is an expression in that."""
    file.write_text(text(before))
    place = None
    if guard:
        lines = file.read_text().splitlines()
        [row] = [row for row, line in enumerate(lines) if guard in line]
        start = lines[row].index(guard)
        place = Location(str(file), Position(row, start), Position(row, start + len(guard)))
    return Trial(
        worker.check(file, texts={str(file): text(after)}, rewritten=True, varied=True, guard=place)
    )


def test_a_rewrite_that_keeps_the_meaning(worker: Worker, file: Path) -> None:
    after = BEFORE.replace("if k > 3:\n    k = 3", "k = min(k, 3)")
    trial = tried(worker, file, after, guard="k > 3")
    assert trial.rules == set()
    assert (trial.compared.left_out, trial.compared.refuses) == ("", False)
    assert trial.compared.both_sides


def test_a_check_refuses_the_inputs_of_the_branch(worker: Worker, file: Path) -> None:
    after = BEFORE.replace("if k", "torch._check(k <= 3)\nif k")
    trial = tried(worker, file, after, guard="k > 3")
    assert trial.rules == set()
    assert trial.compared.refuses
    assert not trial.compared.both_sides


def test_a_rewrite_that_gives_something_else_on_the_other_side(worker: Worker, file: Path) -> None:
    after = BEFORE.replace("if k > 3:\n    k = 3\n", "")
    assert tried(worker, file, after, guard="k > 3").rules == {"numerics-mismatch"}


def test_a_side_that_raises_before_the_edits_does_not_count(worker: Worker, file: Path) -> None:
    before = BEFORE.replace("k = 3", "raise ValueError(k)")
    after = before.replace("if k", "torch._check(k <= 3)\nif k")
    trial = tried(worker, file, after, before, guard="k > 3")
    assert trial.rules == set()
    assert not trial.compared.refuses


def test_a_program_that_refuses_sizes_promised_before(worker: Worker, file: Path) -> None:
    before = "return x * int(x.shape[0] / 2) + n.sum()\n"
    after = before.replace("int(x.shape[0] / 2)", "(x.shape[0] // 2)")
    assert not tried(worker, file, after, before).compared.refuses
    static = text(before).replace('{0: Dim("rows")}', "None")
    checked = worker.check(file, texts={str(file): static}, rewritten=True, varied=True)
    assert Trial(checked).compared.refuses


def test_a_guard_without_another_side(worker: Worker, file: Path) -> None:
    body = "if n.shape[0] > 1:\n    return x.sum(0)\nreturn x\n"
    assert not tried(worker, file, body, body, guard="n.shape[0] > 1").compared.both_sides
