"""The editors that `tests/editors/install` has installed, and folders for them to open."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.server.models import CLEAN, GUARD

ROOT = Path(__file__).parents[2]
EDITORS = Path(os.environ.get("EXPORT_LSP_EDITORS", ROOT / ".editors"))

BARE = """\
import torch


class Bare(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = torch.nn.Linear(4, 2)

    def forward(self, x):
        return self.fc(x)
"""
# Two independent guards.
SEVERAL = """\
import torch


class Pick(torch.nn.Module):
    def forward(self, x, choice):
        picked, others = x[choice], x[~choice]
        if picked.shape[0] == 0:
            raise ValueError("nothing is chosen")
        if others.shape[0] == 0:
            raise ValueError("everything is chosen")
        return picked.sum() - others.sum()


model = Pick()
example_args = (torch.ones(4), torch.tensor([True, False, True, True]))
"""
# Checked only from its code lens.
SCRIPT = GUARD.replace("model = ", "net = ").replace("example_args = ", "inputs = ") + (
    "program = torch.export.export(net, inputs)\nraise RuntimeError(program)\n"
)
# Only one of the interpreters has the guard.
WHERE = GUARD.replace("import torch\n", "import sys\n\nimport torch\n").replace(
    "if picked", 'if "second-environment" in sys.prefix and picked'
)


@dataclass(frozen=True)
class Folders:
    """A workspace of two folders with different interpreters.

    `originals` is a copy of the first folder's files.
    """

    originals: Path
    first: Path
    second: Path
    workspace: Path


@pytest.fixture(scope="session")
def editors() -> Path:
    """Return the folder with the installed editors; skip the test without them."""
    if not (EDITORS / "made-for").exists():
        pytest.skip("tests/editors/install has not been run")
    return EDITORS


@pytest.fixture(scope="session")
def second_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a second interpreter, which has this one's packages."""
    folder = tmp_path_factory.mktemp("environments") / "second-environment"
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    where = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    packages = Path(subprocess.run(where, check=True, capture_output=True, text=True).stdout[:-1])
    (packages / "others.pth").write_text(sysconfig.get_path("purelib"))
    return python


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory, second_python: Path) -> Folders:
    root = tmp_path_factory.mktemp("workspace")
    originals, first, second = root / "originals", root / "first", root / "second"
    files = {
        first: {
            **{"model": GUARD, "several": SEVERAL, "bare": BARE},
            **{"script": SCRIPT, "where": WHERE, "again": GUARD},
        },
        second: {"manual": GUARD, "unopened": GUARD, "where": WHERE, "clean": CLEAN},
    }
    for folder, texts in files.items():
        (folder / ".vscode").mkdir(parents=True)
        for name, text in texts.items():
            (folder / f"{name}.py").write_text(text)
    shutil.copytree(first, originals)
    settings: dict[Path, dict[str, object]] = {
        first: {"exportLsp.interpreter": sys.executable},
        second: {"exportLsp.interpreter": str(second_python), "exportLsp.run": "manual"},
    }
    for folder, values in settings.items():
        (folder / ".vscode" / "settings.json").write_text(json.dumps(values))
    workspace = root / "two.code-workspace"
    paths = [{"path": str(first)}, {"path": str(second)}]
    workspace.write_text(json.dumps({"folders": paths, "settings": {}}))
    return Folders(originals, first, second, workspace)
