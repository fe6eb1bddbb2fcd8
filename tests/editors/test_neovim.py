"""The Neovim plugin, in Neovim."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import clean_environment
from tests.editors.conftest import ROOT, Folders

PROBE = Path(__file__).parent / "neovim" / "probe.lua"
PLUGIN = ROOT / "editors" / "neovim"
NAME = re.compile(r"^scenario\('([^']+)'", re.M)


@pytest.fixture(scope="session")
def results(
    editors: Path,
    folders: Folders,
    second_python: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, dict[str, Any]]:
    """Run the probe, and return the result of each scenario."""
    home = tmp_path_factory.mktemp("neovim")
    first, second = home / "models", home / "second-environment"
    for folder, python in ((first, Path(sys.executable)), (second, second_python)):
        folder.mkdir()
        (folder / "pyproject.toml").touch()
        (folder / ".venv").symlink_to(python.parents[1])
        for file in folders.originals.glob("*.py"):
            shutil.copy(file, folder)
    out = home / "results.json"
    nvim = str(editors / "bin" / "nvim")
    command = [nvim, "--clean", "--headless", "-l", str(PROBE)]
    command += [str(PLUGIN), str(first), str(second), str(out)]
    ended = subprocess.run(
        command,
        env={
            **clean_environment(home / "home"),
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert out.exists(), f"{ended.stdout}{ended.stderr}"
    found: dict[str, dict[str, Any]] = json.loads(out.read_text())
    return found


@pytest.mark.parametrize("scenario", NAME.findall(PROBE.read_text()))
def test_scenario(scenario: str, results: dict[str, dict[str, Any]]) -> None:
    assert scenario in results, "the probe ended before this scenario"
    assert results[scenario]["ok"], results[scenario]["details"]
