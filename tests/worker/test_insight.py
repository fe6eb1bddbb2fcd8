"""Shapes and sizes that checks report, compared with eager mode and with runs of the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from export_lsp.protocol import Insight, TargetEnded
from tests.checking import Checked, Worker
from tests.corpus_annotations import CORPUS
from tests.insight.__main__ import EXAMPLES, compare_file

SAMPLE = [*sorted((CORPUS / "controls").glob("*.py"))[::16], *sorted(EXAMPLES.glob("*.py"))]

SIZES = """\
import torch
from torch.export import Dim


class Windows(torch.nn.Module):
    def forward(self, x):
        b, t, c = x.shape
        return x.reshape(b, t // 8, 8 * c) * 2


class Rows(torch.nn.Module):
    def forward(self, x):
        return x.view(-1, 8)


class Positions(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.table = torch.nn.Parameter(torch.zeros(16, 4))

    def forward(self, x):
        return x + self.table[:x.shape[1]]


example = (torch.ones(2, 16, 3),)
export_targets = {
    "groups": {
        "model": Windows,
        "args": example,
        "dynamic_shapes": {"x": {0: Dim("batch"), 1: 8 * Dim("groups", max=40)}},
    },
    "auto": {
        "model": Windows,
        "args": example,
        "dynamic_shapes": {"x": {0: Dim.AUTO, 1: Dim.AUTO}},
    },
    "coupled": {
        "model": Rows,
        "args": (torch.ones(4, 6),),
        "dynamic_shapes": {"x": {0: Dim.AUTO, 1: Dim.AUTO}},
    },
    "table": {
        "model": Positions,
        "args": (torch.ones(2, 8, 4),),
        "dynamic_shapes": {"x": {0: Dim("batch"), 1: Dim.AUTO}},
    },
}
"""


@pytest.fixture(scope="module")
def sizes(worker: Worker, tmp_path_factory: pytest.TempPathFactory) -> Checked:
    file = tmp_path_factory.mktemp("sizes") / "model.py"
    file.write_text(SIZES)
    return worker.check(file, modes=("non-strict",))


def test_the_program_accepts_these_sizes_and_no_others(worker: Worker, tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    file.write_text(SIZES)
    _, edges, _ = compare_file(worker, file)
    assert edges.wrong == []
    assert edges.runs >= 12


def dims_of(checked: Checked, target: str) -> dict[str, tuple[int, int | None, int, list[int]]]:
    """Return the facts about a target's dimensions by name, with the lines they are because of."""
    [outcome] = [
        each.outcome
        for each in checked.events
        if isinstance(each, TargetEnded) and each.outcome.target == target
    ]
    return {
        dim.name: (
            dim.minimum,
            dim.maximum,
            dim.multiple,
            sorted({place.start.line + 1 for place in dim.because}),
        )
        for dim in outcome.dims
    }


def test_a_range_is_narrower_than_its_dim(sizes: Checked) -> None:
    line = SIZES[: SIZES.index("return x.reshape")].count("\n") + 1
    assert dims_of(sizes, "groups") == {
        "batch": (1, None, 1, [line]),
        "groups": (2, 40, 1, [line]),
    }


def test_a_size_without_a_dim_has_a_variable_name(sizes: Checked) -> None:
    line = SIZES[: SIZES.index("return x.reshape")].count("\n") + 1
    assert dims_of(sizes, "auto") == {"b": (1, None, 1, [line]), "t": (16, None, 8, [line])}


def test_an_upper_bound_that_the_code_imposes(sizes: Checked) -> None:
    line = SIZES[: SIZES.index("return x + self.table")].count("\n") + 1
    assert dims_of(sizes, "table")["x.shape[1]"] == (0, 16, 1, [line])


def test_coupled_sizes_are_told_as_conditions(sizes: Checked) -> None:
    [outcome] = [
        each.outcome
        for each in sizes.events
        if isinstance(each, TargetEnded) and each.outcome.target == "coupled"
    ]
    assert "x.shape[0] * x.shape[1] % 8 == 0" in outcome.conditions


@pytest.mark.parametrize("file", SAMPLE, ids=lambda file: file.stem)
def test_every_shape_is_that_of_eager_mode(file: Path, worker: Worker) -> None:
    comparison, edges, flops = compare_file(worker, file)
    assert comparison.wrong == []
    assert comparison.unnamed == []
    assert edges.wrong == []
    assert flops.wrong == []


def test_a_trial_reports_no_shapes(worker: Worker, tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    file.write_text(SIZES)
    checked = worker.check(file, texts={str(file): SIZES}, only=("table",))
    assert [each for each in checked.events if isinstance(each, Insight)] == []
