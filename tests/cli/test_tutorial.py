"""The tutorial's commands print what it says."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.generated_pages import ROOT, TUTORIAL
from tests.page_sessions import commands, played

TEXT = TUTORIAL.read_text("utf-8")
EXECUTORCH = "executorch"

pytestmark = pytest.mark.long

again = "run: python -m tests.generated_pages"


@pytest.fixture
def folder(tmp_path: Path, environment: dict[str, str]) -> Path:
    environment["PYTHONPATH"] = os.fspath(ROOT)
    folder = tmp_path / "tutorial"
    folder.mkdir()
    return folder


def test_the_commands_print_what_the_tutorial_shows(
    folder: Path, environment: dict[str, str]
) -> None:
    pytest.importorskip("onnxscript")
    assert played(TEXT, folder, environment, without=EXECUTORCH) == TEXT, again
    assert (folder / "classifier.onnx").stat().st_size > 0


def test_the_program_is_lowered_for_executorch(folder: Path, environment: dict[str, str]) -> None:
    pytest.importorskip("executorch.exir")
    pytest.importorskip("onnxscript")
    assert played(TEXT, folder, environment) == TEXT, again
    assert (folder / "classifier.pte").stat().st_size > 0


def test_the_tutorial_shows_each_step() -> None:
    steps = [command.split()[:2] for command in commands(TEXT)]
    assert [words for words in steps if words[0] == "python"] == [
        ["python", "to_onnx.py"],
        ["python", "to_executorch.py"],
    ]
