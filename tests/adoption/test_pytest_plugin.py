"""The pytest plugin, in runs of pytest of its own."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import clean_environment
from tests.server.models import CLEAN, GUARD

ROOT = Path(__file__).parents[2]
PLUGIN = "export_lsp.pytest_plugin"

# Plugins that warn of settings, or expect every item to be a function.
OTHERS = ("-p", "no:asyncio", "-p", "no:pytest-lsp", "-p", "no:cacheprovider")

TWO = CLEAN + "\nexport_targets = {'good': {'model': Pick, 'args': example_args}}\n"
LIVE = """\
import torch

from guard import Pick


def test_ours(assert_exports):
    assert_exports(Pick(), (torch.ones(4), torch.tensor([True, False, True, True])))
"""


@dataclass(frozen=True)
class Project:
    """A folder in which pytest is run with the plugin."""

    folder: Path
    environment: dict[str, str]

    def write(self, **texts: str) -> None:
        for name, text in texts.items():
            (self.folder / name.replace("_ini", ".ini")).write_text(text)
            if not name.endswith("_ini"):
                (self.folder / name).rename(self.folder / f"{name}.py")

    def pytest(self, *arguments: str) -> str:
        """Run pytest; return what it prints."""
        known = {each.value for each in importlib.metadata.entry_points(group="pytest11")}
        plugin = () if PLUGIN in known else ("-p", PLUGIN)
        command = [sys.executable, "-m", "pytest", *plugin]
        ended = subprocess.run(
            [*command, *OTHERS, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
        assert ended.stderr == ""
        return ended.stdout


@pytest.fixture
def project(tmp_path: Path) -> Project:
    folder = tmp_path / "project"
    folder.mkdir()
    search = os.pathsep.join([str(ROOT), *sys.path])
    made = Project(folder, {**clean_environment(tmp_path / "home"), "PYTHONPATH": search})
    made.write(pytest_ini="[pytest]\npythonpath = .\n")
    return made


def test_every_target_is_a_test(project: Project) -> None:
    project.write(
        guard=GUARD, two=TWO, plain="print('not a model')\n", broken="export_targets = 1/0\n"
    )
    output = project.pytest("--export-lsp", "-rA")
    outcomes = set(re.findall(r"^(PASSED|FAILED) (\S+)", output, re.M))
    assert outcomes == {
        ("FAILED", "guard.py::model"),
        ("FAILED", "broken.py::load"),
        ("PASSED", "two.py::model"),
        ("PASSED", "two.py::good"),
    }
    assert "\nguard.py:7:12: error[data-dependent-guard] Comparison with tensor data:" in output
    assert "7 |         if picked.shape[0] == 0:\n  |            ^^^^" in output
    assert "FAILED guard.py::model - Comparison with tensor data: `picked.shape[0]" in output


def test_targets_are_spread_over_the_workers_of_xdist(project: Project) -> None:
    project.write(
        guard=GUARD,
        two=TWO,
        test_live=LIVE,
        pytest_ini="[pytest]\nexport_lsp = true\npythonpath = .\n",
    )
    output = project.pytest("-n", "2", "-rA", "-v")
    lines = re.findall(r"^\[gw(\d)\].* (PASSED|FAILED) (\S+)", output, re.M)
    assert {(outcome, name) for _, outcome, name in lines} == {
        ("FAILED", "guard.py::model"),
        ("PASSED", "two.py::model"),
        ("PASSED", "two.py::good"),
        ("FAILED", "test_live.py::test_ours"),
    }
    assert {worker for worker, *_ in lines} == {"0", "1"}
    assert "guard.py:7:12: error[data-dependent-guard]" in output


def test_nothing_is_collected_until_it_is_asked_for(project: Project) -> None:
    project.write(guard=GUARD, test_one="def test_one():\n    pass\n")
    assert "1 passed" in project.pytest()


def test_the_interpreter_of_the_ini_file_checks(project: Project) -> None:
    ini = "[pytest]\nexport_lsp = true\nexport_lsp_python = /nowhere/python\n"
    project.write(guard=GUARD, pytest_ini=ini)
    output = project.pytest()
    assert 'The interpreter "/nowhere/python"' in output
    assert "1 error" in output
    assert "Traceback" not in output


def test_the_plugin_imports_nothing_while_it_is_off() -> None:
    program = (
        f"import sys, pytest\nbefore = set(sys.modules)\nimport {PLUGIN}\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ended.stdout.split() == ["export_lsp", PLUGIN, "export_lsp.version"]
