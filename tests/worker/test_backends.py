"""Exported programs converted for the backends that the tests' environment has."""

from __future__ import annotations

from pathlib import Path

import pytest

from export_lsp.protocol import Location, Position, StageEntered, TargetEnded
from tests.backends.models import files_of, is_installed
from tests.checking import Worker
from tests.corpus_annotations import differences

needs_onnx = pytest.mark.skipif(not is_installed("onnx"), reason="needs onnxscript and onnx")

# Each takes seconds: `python -m tests.backends` checks the others.
SAMPLE = ("running_maximum", "robust_centre", "inverse", "number_returned", "attention", "keywords")

TWO_TARGETS = """\
import sys

import torch


class Net(torch.nn.Module):
    def forward(self, x):
        return x + 1


def after_the_first():
    names = "onnxscript", "export_lsp.worker.backends.onnx", "export_lsp.worker.private.executorch"
    print("imported:", [name for name in names if name in sys.modules])
    return Net()


export_targets = {
    "first": {"model": Net(), "args": (torch.zeros(2),)},
    "second": {"model": after_the_first, "args": (torch.zeros(2),)},
}
"""

OWN_BACKENDS = """\
import torch


class Net(torch.nn.Module):
    def forward(self, x):
        return x.cummax(0).values


export_targets = {
    "none": {"model": Net(), "args": (torch.zeros(2),), "backends": []},
    "onnx": {"model": Net(), "args": (torch.zeros(2),), "backends": ["onnx"]},
}
"""


@needs_onnx
@pytest.mark.parametrize(
    "file", [f for f in files_of("onnx") if f.stem in SAMPLE], ids=lambda file: file.stem
)
def test_findings_are_as_stated(file: Path, worker: Worker) -> None:
    found = worker.check(file, backends=("onnx",)).findings
    assert differences(file, found) == []


def test_a_check_without_backends_imports_nothing_of_theirs(worker: Worker, tmp_path: Path) -> None:
    checked = worker.check(_written(tmp_path, TWO_TARGETS))
    assert "imported: []" in checked.output
    entered = [event.stage for event in checked.events if isinstance(event, StageEntered)]
    assert "decompose" in entered
    assert "backends" not in entered


@needs_onnx
def test_a_target_may_have_backends_of_its_own(worker: Worker, tmp_path: Path) -> None:
    checked = worker.check(_written(tmp_path, OWN_BACKENDS), backends=())
    assert [found.target for found in checked.findings] == ["onnx"]
    outcomes = [event.outcome for event in checked.events if isinstance(event, TargetEnded)]
    none, [fact] = (outcome.backends for outcome in outcomes)
    assert none == ()
    assert (fact.backend, fact.taken, fact.operators, fact.converted) == ("onnx", 0, 1, False)


@needs_onnx
def test_several_operators_of_one_expression_are_one_problem(
    worker: Worker, tmp_path: Path
) -> None:
    text = OWN_BACKENDS.replace("x.cummax(0).values", "torch.linalg.inv(x.cummax(0).values)")
    text = text.replace("torch.zeros(2)", "torch.eye(2)")
    found = worker.check(_written(tmp_path, text)).findings
    assert [each.title for each in found] == [
        "Not supported by ONNX: `x.cummax(0)`",
        "Not supported by ONNX: `torch.linalg.inv(x.cummax(0).values)`",
    ]


@needs_onnx
def test_torchs_own_message_is_kept_as_the_detail(worker: Worker, tmp_path: Path) -> None:
    found = worker.check(_written(tmp_path, OWN_BACKENDS)).findings
    assert "No ONNX function found for <OpOverload(op='aten.cummax'" in found[0].detail


def test_a_backend_that_is_not_installed_is_said_at_the_setting(
    worker: Worker, tmp_path: Path
) -> None:
    if is_installed("executorch"):
        pytest.skip("the environment has executorch")
    line = Location(str(tmp_path / "pyproject.toml"), Position(3, 0), Position(3, 8))
    file = _written(tmp_path, TWO_TARGETS)
    checked = worker.check(file, backends=("executorch",), backends_location=line)
    assert {(each.rule, each.location) for each in checked.findings} == {
        ("backend-unavailable", line)
    }
    assert "`pip install executorch`" in checked.findings[0].explanation


def _written(folder: Path, text: str) -> Path:
    file = folder / "model.py"
    file.write_text(text)
    return file
