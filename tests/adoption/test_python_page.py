"""The programs of `docs/python.md`, as they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from export_lsp.api import Edit, Fix, Note, Place, Problem, Result, Target
from tests.conftest import clean_environment
from tests.server.models import CLEAN

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "export_lsp" / "docs" / "python.md").read_text("utf-8")
PROGRAM, TEST = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
NETWORK = """\
import torch


class Net(torch.nn.Module):
    def __init__(self, hidden):
        super().__init__()
        self.layer = torch.nn.Linear(8, hidden)

    def forward(self, x):
        return self.layer(x)
"""


def run(folder: Path, *command: str) -> str:
    """Run Python in a folder; return its output."""
    ended = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={
            **clean_environment(folder.parent / "home"),
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder), *sys.path]),
            "VIRTUAL_ENV": str(Path(sys.executable).parents[1]),
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


def test_the_program_prints_the_verdicts(folder: Path) -> None:
    (folder / "models").mkdir()
    (folder / "models" / "net.py").write_text(CLEAN)
    (folder / "program.py").write_text(PROGRAM)
    output = run(folder, "program.py")
    assert output.startswith("model exports ✓ both modes · matches eager")
    assert "No problems found; 1 target checked in 1 file." in output


def test_the_test_passes(folder: Path) -> None:
    (folder / "net.py").write_text(NETWORK)
    (folder / "test_net.py").write_text(TEST)
    assert "1 passed" in run(folder, "-m", "pytest", "-p", "no:asyncio", "-q", "test_net.py")


@pytest.mark.parametrize("kind", [Result, Target, Problem, Place, Note, Fix, Edit])
def test_the_page_has_every_field(kind: type[Result]) -> None:
    lines = [line for line in PAGE.splitlines() if f"`{kind.__name__}`" in line]
    named = {name for line in lines for name in re.findall(r"`(\w+)`", line)}
    assert {each.name for each in fields(kind)} <= named
