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
    edges = compare_file(worker, file).edges
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
def test_all_that_is_shown_agrees_with_eager_mode(file: Path, worker: Worker) -> None:
    assert compare_file(worker, file).wrong == []


STRICT = """\
import torch
from torch.export import Dim


class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(4, 4)

    def forward(self, x):
        y = self.fc(x)
        y += 1
        first, rest = y[:1], y[1:]
        return torch.relu(y) + self.shifted(y)

    def shifted(self, x):
        return x - 1


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.ModuleList([Layer(), Layer()])

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


model = Net
example_args = (torch.ones(3, 4),)
dynamic_shapes = {"x": {0: Dim("rows", min=2)}}
"""


def test_strict_mode_alone_knows_what_its_graph_tells(worker: Worker, tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    file.write_text(STRICT)
    checked = worker.check(file, modes=("strict",), stages=("capture", "guards"))
    [insight] = [each for each in checked.events if isinstance(each, Insight)]
    named = {
        (each.location.start.line + 1, each.name): (each.text, each.calls, each.modules)
        for each in insight.values
        if each.name
    }
    layers = ("f32[rows, 4]", 2, ("layers.0", "layers.1"))
    assert named == {(11, "y"): layers, (12, "y"): layers, (25, "x"): ("f32[rows, 4]", 1, ())}
    assert dims_of(checked, "model")["rows"][:3] == (0, None, 1)
    both = worker.check(file, stages=("capture", "guards"))
    [insight] = [each for each in both.events if isinstance(each, Insight)]
    assert {"first", "rest"} <= {each.name for each in insight.values}


def test_a_trial_reports_no_shapes(worker: Worker, tmp_path: Path) -> None:
    file = tmp_path / "model.py"
    file.write_text(SIZES)
    checked = worker.check(file, texts={str(file): SIZES}, only=("table",))
    assert [each for each in checked.events if isinstance(each, Insight)] == []
