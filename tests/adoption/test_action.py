"""The script of the GitHub action, in the environment of a runner."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import clean_environment
from tests.server.models import CLEAN, GUARD

ACTION = Path(__file__).parents[2] / ".github" / "actions" / "check"


@dataclass(frozen=True)
class Step:
    """The remains of a step: its exit status, its log, its outputs and its summary."""

    status: int
    log: str
    outputs: dict[str, str]
    summary: str


@dataclass(frozen=True)
class Runner:
    """A runner of GitHub Actions, with a checkout and folders of its own."""

    root: Path

    def write(self, name: str, text: str) -> None:
        (self.root / "checkout" / name).write_text(text)

    def check(self, paths: str = ".", arguments: str = "") -> Step:
        """Run the step that checks."""
        command = self.root / "export-lsp"
        command.write_text(f'#!/bin/sh\nexec {sys.executable} -m export_lsp "$@"\n')
        command.chmod(0o755)
        outputs, summary = self.root / "outputs", self.root / "summary"
        ended = subprocess.run(
            ["bash", str(ACTION / "check.sh")],
            cwd=self.root / "checkout",
            env={
                **clean_environment(self.root / "home"),
                "EXPORT_LSP": str(command),
                "RUNNER_TEMP": str(self.root / "temp"),
                "GITHUB_OUTPUT": str(outputs),
                "GITHUB_STEP_SUMMARY": str(summary),
                "INPUT_PATHS": paths,
                "INPUT_ARGUMENTS": arguments,
                "INPUT_PYTHON": sys.executable,
                "PYTHONPATH": os.pathsep.join(sys.path),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        lines = outputs.read_text().splitlines()
        found = {name: value for name, _, value in (line.partition("=") for line in lines)}
        return Step(ended.returncode, ended.stdout, found, summary.read_text())


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    for name in ("checkout", "temp"):
        (tmp_path / name).mkdir()
    return Runner(tmp_path)


def test_a_check_annotates_the_line_and_leaves_sarif(runner: Runner) -> None:
    runner.write("model.py", GUARD)
    runner.write("clean.py", CLEAN)
    step = runner.check("model.py clean.py", "--mode non-strict")
    assert step.status == 1
    annotations = [line for line in step.log.splitlines() if line.startswith("::error ")]
    assert len(annotations) == 1
    assert ",file=model.py,line=7,endLine=7,col=12,endColumn=32::" in annotations[0]
    assert step.outputs["exit-status"] == "1"
    [run] = json.loads(Path(step.outputs["sarif"]).read_text())["runs"]
    assert [each["ruleId"] for each in run["results"]] == ["data-dependent-guard"]
    assert "error[data-dependent-guard]" in step.summary
    assert "exports ✓" in step.summary


def test_a_check_that_cannot_run_fails_the_step_without_sarif(runner: Runner) -> None:
    step = runner.check("missing.py")
    assert step.status == 2
    assert step.outputs == {"exit-status": "2"}
