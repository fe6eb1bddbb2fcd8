"""Early findings: those of an edited submodule that is traced alone, beside the whole model.

`python -m tests.early_findings` compares them with those of the whole model, on all of the corpus.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from concurrent.futures import Future
from pathlib import Path

import pytest

from export_lsp.protocol import Found
from export_lsp.stages import STAGES
from tests.checking import Checked, Worker, wait_until
from tests.corpus_annotations import CORPUS

PATIENCE = 60.0

# One of this many files with several modules: those that can be compared in half a minute.
EVERY = 6

# While the file `waits` exists, the whole model waits: a large model takes that long to trace.
MODEL = """\
import time
from pathlib import Path

import torch
from torch import nn
from torch.export import Dim

WAITS = Path(__file__).with_name("waits")

def scaled(x):
    {function}
    return x

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 8)

    def forward(self, x, mask, *, scale):
        {block}
        return scaled(self.linear(x) * scale).masked_fill(mask, 0.0)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList(Block() for _ in range(12))

    def forward(self, x):
        while WAITS.exists():
            time.sleep(0.001)
        mask = x > 0
        for block in self.blocks:
            x = block(x, mask, scale=2)
        {net}
        return x

model = Net()
example_args = (torch.randn(2, 8),)
dynamic_shapes = {{"x": {{0: Dim("batch")}}}}
"""
GOOD = {"function": "x = x + 1", "block": "x = x + 1", "net": "x = x + 1"}
BRANCH = "x = x if x.sum() > 0 else -x"


class Project:
    def __init__(self, folder: Path, worker: Worker) -> None:
        self._file = folder / "model.py"
        self._waits = folder / "waits"
        self._worker = worker

    def edited(self, **parts: str) -> Checked:
        """Check the file with other parts."""
        return self._start(Checked(), parts).result()

    def _start(self, so_far: Checked, parts: dict[str, str]) -> Future[Checked]:
        self._file.write_text(MODEL.format(**{**GOOD, **parts}))
        fields = {"modes": ("non-strict",), "stages": STAGES[:7]}
        return self._worker.start(self._file, so_far=so_far, **fields)

    def resumed(self, **parts: str) -> Checked:
        """Check the file with other parts once it has a snapshot."""
        end = time.monotonic() + PATIENCE
        while "resumes from" not in self.edited(net=f"x = x + {end - time.monotonic()}").log:
            assert time.monotonic() < end
        return self.edited(**parts)

    def waiting(self, **parts: str) -> Checked:
        """Check the file with other parts; the whole model waits for an early finding."""
        self.resumed()
        self._waits.touch()
        checked = Checked()
        check = self._start(checked, parts)
        wait_until(lambda: checked.early)
        self._waits.unlink()
        return check.result()


@pytest.fixture
def project(worker: Worker, tmp_path: Path) -> Project:
    return Project(tmp_path, worker)


def test_an_early_finding_comes_first_and_is_found_again(project: Project) -> None:
    checked = project.waiting(block=BRANCH)
    [early], [found] = checked.early, checked.findings
    assert [event.early for event in checked.events if isinstance(event, Found)] == [True, False]
    assert (early.rule, early.location) == (found.rule, found.location)
    assert early.rule == "data-dependent-branch"
    assert early.location.start.line == 19
    assert early.message == found.message


@pytest.mark.parametrize("edit", [BRANCH, "x = missing(x)"])
def test_an_edited_function_that_the_module_calls(project: Project, edit: str) -> None:
    checked = project.waiting(function=edit)
    assert [early.location for early in checked.early] == [checked.findings[0].location]


@pytest.mark.parametrize("parts", [{"block": "x = x * 3"}, {"net": BRANCH}])
def test_modules_that_export_have_no_early_findings(
    project: Project, parts: dict[str, str]
) -> None:
    checked = project.resumed(**parts)
    assert len(checked.findings) == ("net" in parts)
    assert not checked.early


def test_no_early_finding_is_wrong() -> None:
    modules = re.compile(r"^class \w+\(.*Module\)", re.M)
    several = [file for file in CORPUS.rglob("*.py") if len(modules.findall(_text(file))) > 1]
    files = [str(file) for file in sorted(several)[::EVERY]]
    command = [sys.executable, "-m", "tests.early_findings", "--edits", "3", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    confirmed = re.search(r"(\d+) confirmed", done.stdout)
    assert confirmed is not None, done.stdout
    assert int(confirmed[1]) >= len(files)


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace")
