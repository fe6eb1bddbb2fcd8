"""What a file imports of others is there when it is checked again, for as long as it holds."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from export_lsp.engine.hosts.memory import processes
from export_lsp.protocol import Exited
from tests.checking import Checked, Worker, wait_until

MODULES = 25
MODEL = """\
import os
{first}
import library
import torch
{last}
model = torch.nn.Linear(4, 2)
example_args = (torch.randn(1, 4),)
print("here" if library.process == os.getpid() else "before", library.version)
"""
PATIENCE = 60.0


class Project:
    """A model file, and a library outside the workspace that it imports."""

    def __init__(self, root: Path, worker: Worker) -> None:
        self.file = root / "workspace" / "model.py"
        self.library = root / "installed" / "library"
        self._worker = worker
        self.file.parent.mkdir()
        self.library.mkdir(parents=True)
        for index in range(MODULES):
            (self.library / f"part_{index}.py").touch()
        self.write_library(1)
        self.write()

    def write_library(self, version: int) -> None:
        parts = ", ".join(f"part_{index}" for index in range(MODULES))
        (self.library / "__init__.py").write_text(
            f"import os\nfrom library import {parts}\nprocess, version = os.getpid(), {version}\n"
        )

    def write(self, first: str = "", last: str = "") -> None:
        self.file.write_text(MODEL.format(first=first, last=last))

    def check(self) -> str:
        """What the file prints when it is checked."""
        checked = self._worker.check(self.file, extra_paths=(str(self.library.parent),))
        assert not checked.findings
        return checked.output.strip()

    def check_until(self, wanted: Callable[[str], bool]) -> None:
        """Check until it prints what is wanted: the library is imported beside the checks."""
        end = time.monotonic() + PATIENCE
        while not wanted(said := self.check()):
            assert time.monotonic() < end, said


@pytest.fixture
def project(worker: Worker, tmp_path: Path) -> Project:
    project = Project(tmp_path, worker)
    assert project.check() == "here 1"
    project.check_until(lambda said: said == "before 1")
    return project


def memory_by_role(worker: Worker) -> dict[str, int]:
    def below(pid: int) -> set[int]:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return {pid}.union(*map(below, map(int, children)))

    ours = below(worker.pid)
    return {each.role: each.memory for each in processes() if each.pid in ours}


def test_its_processes_are_told_apart_and_measured(project: Project, worker: Worker) -> None:
    wait_until(lambda: {"host", "libs", "spare"} <= memory_by_role(worker).keys())
    assert all(memory_by_role(worker).values())


def test_what_torch_imports_later_is_not_the_files(tmp_path: Path) -> None:
    """A run that does not find the host warm pays for that, and the next ones do not."""
    file = tmp_path / "model.py"
    file.write_text(
        "import torch\nmodel = torch.nn.Linear(4, 2)\nexample_args = (torch.randn(1, 4),)\n"
    )
    worker = Worker()
    worker.check(file)
    wait_until(lambda: "spare" in memory_by_role(worker))
    assert "libs" not in memory_by_role(worker)
    worker.close()


def test_another_import_is_met_by_the_run_itself(project: Project) -> None:
    project.write(last="import json")
    assert project.check() == "here 1"
    project.check_until(lambda said: said == "before 1")
    project.write()
    assert project.check() == "here 1"


def test_another_body_is_not(project: Project) -> None:
    project.write(last="torch.manual_seed(0)")
    assert project.check() == "before 1"


def test_another_version_is_imported(project: Project) -> None:
    project.write_library(2)
    assert project.check() == "here 2"
    project.check_until(lambda said: said == "before 2")


def test_a_file_of_the_same_name_comes_first(project: Project) -> None:
    (project.file.parent / "library.py").write_text(
        "import os\nprocess, version = os.getpid(), 0\n"
    )
    assert project.check() == "here 0"


def test_what_follows_a_change_of_the_environment_is_not_imported_before_it(
    worker: Worker, tmp_path: Path
) -> None:
    project = Project(tmp_path, worker)
    project.write(first="os.environ['MODE'] = '1'; import csv")
    for _ in range(4):
        assert project.check() == "here 1"


def test_a_check_that_loses_its_host_ends(project: Project, worker: Worker, tmp_path: Path) -> None:
    started = tmp_path / "started"
    # Without an import, which would be met by the run itself; it then waits for ever.
    said = f"print(os.getppid(), file=open({str(started)!r}, 'w'), flush=True)"
    project.write(last=f"{said}\nos.read(os.pipe()[0], 1)")
    so_far = Checked()
    paths = (str(project.library.parent),)
    going = worker.start(project.file, extra_paths=paths, so_far=so_far)
    # One that has said nothing is taken for lost before it began, and begun again.
    wait_until(lambda: so_far.events and started.exists() and started.read_text())
    within = int(started.read_text())
    assert within != worker.pid
    os.kill(within, signal.SIGKILL)
    checked: Checked = going.result(PATIENCE)
    assert isinstance(checked.events[-1], Exited)
    assert [finding.rule for finding in checked.findings] == ["out-of-memory"]
    project.write()
    assert project.check().endswith(" 1")
