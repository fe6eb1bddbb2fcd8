"""After an edit of function bodies, a check resumes from a snapshot of the built model."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from export_lsp.stages import STAGES
from tests.checking import Checked, Worker, wait_until

PATIENCE = 60.0
RESUMES = "resumes from a snapshot of the model"

MODEL = """\
import inspect
import os
import torch
from torch import nn
{module}

def scaled(x):
    return x * {scale}

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, {width})
        {constructor}

    def helper(self, x):
        {helper}

    {decorator}
    def forward(self, x):
        {body}
        return scaled(self.linear(x))

def export_targets():
    return {{"block": {{"model": Block, "args": (torch.randn(2, 4),)}}}}
print('imported')
{last}
"""
PARTS: dict[str, Any] = {
    "module": "",
    "scale": 2,
    "width": 3,
    "constructor": "",
    "decorator": "@torch.no_grad()",
    "body": "x = x + 1",
    "helper": "return x",
    "last": "",
}


class Project:
    def __init__(self, folder: Path, worker: Worker) -> None:
        self.file = folder / "model.py"
        self._worker = worker
        self._parts = PARTS

    def check(self, **fields: Any) -> Checked:
        quick = {"modes": ("non-strict",), "stages": STAGES[:7]}
        return self._worker.check(self.file, **{**quick, **fields})

    def write(self, **parts: Any) -> None:
        self._parts = {**self._parts, **parts}
        self.file.write_text(MODEL.format(**self._parts))

    def edited(self, **parts: Any) -> Checked:
        """Check the file with these parts replaced."""
        self.write(**parts)
        return self.check()

    def snapshot(self, **parts: Any) -> None:
        """Check until a check resumes from a snapshot, which is taken between checks."""
        end = time.monotonic() + PATIENCE
        while RESUMES not in self.edited(**parts).log:
            assert time.monotonic() < end


@pytest.fixture
def project(worker: Worker, tmp_path: Path) -> Project:
    project = Project(tmp_path, worker)
    project.snapshot()
    return project


def test_a_new_failure_has_its_location(project: Project) -> None:
    checked = project.edited(body="# moved\n        if x.sum() > 0:\n            x = x + 1")
    assert RESUMES in checked.log
    assert {finding.rule for finding in checked.findings} == {"data-dependent-branch"}
    assert {finding.location.start.line for finding in checked.findings} == {21}
    assert checked.output == "imported\n"


def test_a_failure_goes_away_with_its_cause(project: Project) -> None:
    assert project.edited(body="x = x + x.sum().item().bit_length()").findings
    checked = project.edited(body="x = x + 2")
    assert RESUMES in checked.log
    assert not checked.findings


@pytest.mark.parametrize(
    "part",
    [
        {"module": "VERSION = 1"},
        {"constructor": "self.scale = 3"},
        {"width": 5},
        {"decorator": "@torch.inference_mode()"},
    ],
    ids=lambda part: next(iter(part)),
)
def test_an_edit_outside_bodies_builds_the_model_again(
    project: Project, part: dict[str, Any]
) -> None:
    checked = project.edited(**part)
    assert "builds the model again" in checked.log
    project.snapshot()


def test_an_edit_of_a_function_that_built_the_model_builds_it_again(project: Project) -> None:
    project.snapshot(constructor="self.four = scaled(2)")
    checked = project.edited(scale=3)
    assert "`scaled` was executed while the model was built" in checked.log


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("inspect.getsource(Block.forward)", "model.py was read and has changed"),
        ("open('model.py').close()", "model.py was read and has changed"),
        ("len(Block.helper.__code__.co_code)", "the code of `helper` was inspected"),
    ],
)
def test_an_edit_of_inspected_code_builds_the_model_again(
    project: Project, statement: str, reason: str
) -> None:
    project.snapshot(last=statement)
    assert reason in project.edited(helper="return x + 1").log


def test_reading_a_signature_does_not_inspect_code(project: Project) -> None:
    project.snapshot(last="inspect.signature(Block.helper)")
    assert RESUMES in project.edited(helper="return x + 1").log


def test_a_change_of_a_data_file_builds_the_model_again(project: Project) -> None:
    (project.file.parent / "width.txt").write_text("3")
    project.snapshot(constructor="self.width = open('width.txt').read()")
    (project.file.parent / "width.txt").write_text("4")
    assert "width.txt was read and has changed" in project.check().log


@pytest.mark.parametrize(
    ("statement", "change"),
    [
        ("os.path.exists('flag')", lambda folder: (folder / "flag").touch()),
        ("import pathlib; pathlib.Path('flag').is_dir()", lambda folder: (folder / "flag").mkdir()),
        ("os.listdir('parts')", lambda folder: (folder / "parts" / "new").touch()),
        ("import outside", lambda folder: (folder / "outside.py").write_text("number = 2")),
        (
            "import importlib.util; importlib.util.find_spec('new')",
            lambda folder: (folder / "new.py").touch(),
        ),
    ],
    ids=["exists", "is_dir", "listdir", "a module", "no module"],
)
def test_a_change_of_what_the_build_has_looked_at_builds_the_model_again(
    worker: Worker, tmp_path: Path, statement: str, change: Callable[[Path], object]
) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "outside.py").write_text("number = 1")
    project = Project(tmp_path, worker)
    project.snapshot(constructor=statement)
    change(tmp_path)
    assert RESUMES not in project.check().log


@pytest.mark.parametrize(
    "statement",
    [
        "import subprocess; subprocess.run(['true'])",
        "os.system('true')",
        "import socket; socket.socket(socket.AF_UNIX).connect_ex('none')",
        "os.fork() or os._exit(0)",
    ],
    ids=["subprocess", "system", "socket", "fork"],
)
def test_what_cannot_be_looked_at_again_has_no_snapshot(
    worker: Worker, tmp_path: Path, statement: str
) -> None:
    started = Project(tmp_path, worker)
    for scale in range(2):
        started.edited(module=statement, scale=scale)
    (tmp_path / "other").mkdir()
    Project(tmp_path / "other", worker).snapshot()
    assert RESUMES not in started.edited(scale=3).log


def test_a_trial_resumes_too(project: Project) -> None:
    text = project.file.read_text().replace("x = x + 1", "x = x + 1; torch._check(x.shape[0] > 0)")
    checked = project.check(texts={str(project.file): text}, rewritten=True)
    assert RESUMES in checked.log
    assert not checked.findings


def test_a_check_with_another_environment_does_not_resume(project: Project) -> None:
    checked = project.check(environment={"MODE": "1"})
    assert RESUMES not in checked.log


def test_a_file_that_leaves_a_thread_has_no_snapshot(worker: Worker, tmp_path: Path) -> None:
    started = Project(tmp_path, worker)
    waiting = "target=os.read, args=(os.pipe()[0], 1), daemon=True"
    threads = f"import threading\nthreading.Thread({waiting}).start()"
    for scale in range(2):
        started.edited(module=threads, scale=scale)
    # Snapshots are taken in turn: when a later file has one, this file's turn has passed.
    (tmp_path / "other").mkdir()
    Project(tmp_path / "other", worker).snapshot()
    assert RESUMES not in started.edited(scale=3).log


def test_a_file_that_failed_to_import_for_its_snapshot_gets_one_later(
    worker: Worker, tmp_path: Path
) -> None:
    """The file may have been half written, or wrong for one save."""
    # Appending looks at nothing: the snapshot does not rest on how often the file was imported.
    counted = "count = open(f'{__file__}.log', 'ab', 0)\ncount.write(b'.')"
    module = f"{counted}\nassert count.tell() != 3"
    project = Project(tmp_path, worker)
    for scale in range(2):
        project.edited(module=module, scale=scale)
    log = tmp_path / "model.py.log"
    wait_until(lambda: log.stat().st_size == 3)  # the third import, after those of two checks
    project.snapshot()


def test_the_end_of_a_child_process_writes_to_no_file(worker: Worker, tmp_path: Path) -> None:
    """In a fork of a host, one of these files gets the number of the host's wake-up descriptor."""
    kept = [f"open('kept-{number}', 'ab')" for number in range(20)]
    # In C, as a file that starts programs has no snapshot.
    died = "import ctypes\nctypes.CDLL(None).system(b'true')"
    Project(tmp_path, worker).snapshot(module=f"kept = [{', '.join(kept)}]\n{died}")
    assert {file.stat().st_size for file in tmp_path.glob("kept-*")} == {0}
