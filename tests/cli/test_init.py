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


class Scale(torch.nn.Module):
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
# model = Scale(table=...)
# example_args = (...,)  # batch
# example_kwargs = {"weight": ...}


if __name__"""
TABLE = """\
[project]
name = "leaves"

[[tool.export-lsp.target]]
file = "models/classifier.py"
name = "Classifier"
model = "Classifier(classes=4)"
args = "(torch.randn(2, 16),)"
"""
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
    file = command.write("scale.py", UNKNOWN)
    outcome = command("init", "--python", command.python)
    assert outcome.code == 0
    assert "scale.py:4 Scale: no inputs were found" in outcome.stderr
    assert "0 targets declared." in outcome.stderr
    assert file.read_text() == UNKNOWN.replace("if __name__", SKELETON)


def test_exports_in_scripts_are_named(command: Command) -> None:
    command.write("train.py", SCRIPT)
    outcome = command("init", "--python", command.python)
    assert outcome.code == 2
    assert outcome.stderr.startswith(
        "train.py:4 torch.export.export: `export-lsp check --run-main train.py` checks it\n"
    )


def test_several_models_of_a_file_get_a_table(command: Command) -> None:
    other = CLASSIFIER.partition("class ")[2].replace("Classifier", "Regressor")
    file = command.write("models.py", f"{CLASSIFIER}\n\nclass {other}")
    outcome = command("init", "--python", command.python)
    assert "2 targets declared." in outcome.stderr
    assert '    "Regressor": {\n' in file.read_text()
    checked = command.check()
    assert checked.stdout == "No problems found; 2 targets checked in 1 file.\n"


def test_targets_in_pyproject_leave_the_models_alone(command: Command) -> None:
    file = command.write("models/classifier.py", CLASSIFIER)
    command.write("pyproject.toml", '[project]\nname = "leaves"\n')
    outcome = command("init", "--into", "pyproject", "--python", command.python)
    assert "1 target declared." in outcome.stderr
    assert file.read_text() == CLASSIFIER
    assert (command.folder / "pyproject.toml").read_text() == TABLE
    checked = command.check()
    assert checked.stdout == "No problems found; 1 target checked in 1 file.\n"


def test_a_script_that_trains_on_import_is_not_run(command: Command) -> None:
    text = f"{CLASSIFIER}\n\nopen('trained', 'w').close()\n"
    file = command.write("train.py", text)
    outcome = command("init", "--python", command.python)
    assert "would run line 14 (`open('trained', 'w').close()`)" in outcome.stderr
    assert not (command.folder / "trained").exists()
    assert "# model = Classifier(classes=...)" in file.read_text()


def test_mistakes_in_the_settings_of_some_folders_are_shown(command: Command) -> None:
    command.write("good/classifier.py", CLASSIFIER)
    command.write("bad/classifier.py", CLASSIFIER)
    command.write("bad/pyproject.toml", "[tool.export-lsp]\ntimeout = -1\n")
    outcome = command("init", "--python", command.python)
    assert outcome.code == 2
    assert "1 target declared." in outcome.stderr
    assert outcome.stderr.count("timeout") == 1


def test_a_script_is_declared_with_the_arguments_that_it_needs(command: Command) -> None:
    command.write("classifier.py", CLASSIFIER)
    script = SCRIPT.replace("import torch\n", "import sys, torch\n").replace(
        "2, 16", "int(sys.argv[1]), 16"
    )
    command.write("export.py", script)
    failed = command("init", "--run-main", "export.py", "--python", command.python)
    assert failed.code == 2
    assert "export.py does not reach an export; line 4: IndexError while running the file" in (
        failed.stderr
    )
    outcome = command("init", "--run-main", "export.py", "--python", command.python, "--", "3")
    assert (outcome.code, (command.folder / "pyproject.toml").read_text()) == (
        0,
        '[tool.export-lsp.run-args]\n"export.py" = ["3"]\n',
    )
    checked = command.check()
    assert checked.stdout == "No problems found; 1 target checked in 1 file.\n"


@pytest.mark.parametrize("name", ["missing.py", "missing"])
def test_a_path_that_does_not_exist(command: Command, name: str) -> None:
    outcome = command("init", name)
    assert outcome.code == 2
    assert f"{name} does not exist" in outcome.stderr
