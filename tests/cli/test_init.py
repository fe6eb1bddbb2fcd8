"""``export-lsp init``: targets for models that have none."""

from __future__ import annotations

import pytest

from tests.cli.command import Command

CLASSIFIER = """\
import torch
from torch import nn


class Classifier(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.fc = nn.Linear(16, classes)

    def forward(self, x):
        return self.fc(x)
"""
UNKNOWN = """\
import torch


class Loss(torch.nn.Module):
    def __init__(self, table, scale=1.0):
        super().__init__()
        self.table = table

    def forward(self, batch: dict, *, weight, mode="mean"):
        return batch["x"] * weight


if __name__ == "__main__":
    print("training")
"""
SKELETON = """\
# Example inputs for export-lsp: replace each `...` and remove the `# ` of these lines.
# model = Loss(table=...)
# example_args = (...,)  # batch
# example_kwargs = {"weight": ...}


if __name__"""
SCRIPT = """\
import torch
from classifier import Classifier

torch.export.export(Classifier(4), (torch.randn(2, 16),))
"""


def test_a_model_is_declared_with_inputs_that_it_ran_with(command: Command) -> None:
    file = command.write("models/classifier.py", CLASSIFIER)
    outcome = command("init", "--python", command.python)
    assert outcome.code == 0
    assert "+example_args = (torch.randn(2, 16),)" in outcome.stdout
    assert "models/classifier.py:5 Classifier: ran with these inputs\n" in outcome.stderr
    assert file.read_text().startswith(CLASSIFIER)
    checked = command.check()
    assert checked.stdout == "No problems found; 1 target checked in 1 file.\n"
    again = command("init", "--python", command.python)
    assert (again.code, again.stderr) == (2, "error: There is no model without a target.\n")


def test_a_dry_run_writes_nothing(command: Command) -> None:
    file = command.write("classifier.py", CLASSIFIER)
    outcome = command("init", "--dry-run", "--python", command.python)
    assert outcome.code == 0
    assert "+model = Classifier(classes=4)" in outcome.stdout
    assert "1 target would be declared." in outcome.stderr
    assert file.read_text() == CLASSIFIER


def test_a_model_whose_inputs_are_unknown_gets_a_skeleton(command: Command) -> None:
    file = command.write("loss.py", UNKNOWN)
    outcome = command("init", "--python", command.python)
    assert outcome.code == 0
    assert "loss.py:4 Loss: no inputs were found" in outcome.stderr
    assert "0 targets declared." in outcome.stderr
    assert file.read_text() == UNKNOWN.replace("if __name__", SKELETON)


def test_exports_in_scripts_are_named(command: Command) -> None:
    command.write("train.py", SCRIPT)
    outcome = command("init", "--python", command.python)
    assert outcome.code == 2
    assert outcome.stderr.startswith(
        "train.py:4 torch.export.export: `export-lsp check --run-main train.py` checks it\n"
    )


@pytest.mark.parametrize("name", ["missing.py", "missing"])
def test_a_path_that_does_not_exist(command: Command, name: str) -> None:
    outcome = command("init", name)
    assert outcome.code == 2
    assert f"{name} does not exist" in outcome.stderr
