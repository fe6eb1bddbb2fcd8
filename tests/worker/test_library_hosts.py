"""The libraries that a file imports are imported before its next check, until they change."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from export_lsp.engine.hosts.process_memory import worker_processes
from export_lsp.protocol import Exited
from tests.checking import Checked, Worker, wait_until
from tests.import_effects import EFFECTS, SETTING

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

    def check(self, file: Path | None = None) -> str:
        """Check the file, or another one, and return its output."""
        return self.check_all([file or self.file])[0]

    def check_all(self, files: list[Path]) -> list[str]:
        """Check files, two at a time, and return their outputs."""
        checked = self._worker.check_all(files, extra_paths=(str(self.library.parent),))
        assert not any(each.findings for each in checked.values())
        return [checked[file].output.strip() for file in files]

    def another(self, name: str, first: str = "", last: str = "") -> Path:
        """Write another file with a model, and these lines before and after its imports."""
        file = self.file.with_name(name)
        file.write_text(MODEL.format(first=first, last=last))
        return file

    def check_until(self, wanted: Callable[[str], bool]) -> None:
        """Check until the output is as wanted: a library host is forked between checks."""
        end = time.monotonic() + PATIENCE
        while not wanted(output := self.check()):
            assert time.monotonic() < end, output


@pytest.fixture
def project(worker: Worker, tmp_path: Path) -> Project:
    project = Project(tmp_path, worker)
    assert project.check() == "here 1"
    project.check_until(lambda output: output == "before 1")
    return project


def test_files_that_begin_alike_share_a_library_host(project: Project) -> None:
    alike = project.another("alike.py", last="class Base: ...\nclass Other: ...")
    assert project.check(alike) == "before 1"
    other = project.another("other.py", first="import json")
    assert project.check(other) == "here 1"
    based = project.another("based.py", last="class Derived(library.part_0.__class__): ...")
    assert project.check(based) == "here 1"


def test_a_library_host_is_forked_beside_checks_of_many_files(
    worker: Worker, tmp_path: Path
) -> None:
    project = Project(tmp_path, worker)
    files = [project.another(f"model_{number}.py") for number in range(12)]
    outputs = project.check_all(files)
    assert outputs[0] == "here 1"
    assert outputs[-1] == "before 1"


def memory_by_role(worker: Worker) -> dict[str, int]:
    def below(pid: int) -> set[int]:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return {pid}.union(*map(below, map(int, children)))

    ours = below(worker.pid)
    return {each.role: each.size for each in worker_processes() if each.pid in ours}


def test_worker_processes_have_a_role_and_a_size(project: Project, worker: Worker) -> None:
    wait_until(lambda: {"host", "libs", "spare"} <= memory_by_role(worker).keys())
    assert all(memory_by_role(worker).values())


def test_modules_that_torch_imports_late_get_no_library_host(tmp_path: Path) -> None:
    """A run that starts before the host is warm imports them, later runs find them imported."""
    file = tmp_path / "model.py"
    file.write_text(
        "import torch\nmodel = torch.nn.Linear(4, 2)\nexample_args = (torch.randn(1, 4),)\n"
    )
    worker = Worker()
    worker.check(file)
    wait_until(lambda: "spare" in memory_by_role(worker))
    assert "libs" not in memory_by_role(worker)
    worker.close()


def test_a_new_import_is_made_by_the_run_itself(project: Project) -> None:
    project.write(last="import json")
    assert project.check() == "here 1"
    project.check_until(lambda output: output == "before 1")
    project.write()
    assert project.check() == "here 1"


def test_a_library_host_survives_other_edits(project: Project) -> None:
    project.write(last="torch.manual_seed(0)")
    assert project.check() == "before 1"


def test_a_new_version_of_the_library_is_imported(project: Project) -> None:
    project.write_library(2)
    assert project.check() == "here 2"
    project.check_until(lambda output: output == "before 2")


def test_a_new_file_of_the_same_name_shadows_the_library(project: Project) -> None:
    (project.file.parent / "library.py").write_text(
        "import os\nprocess, version = os.getpid(), 0\n"
    )
    assert project.check() == "here 0"


def computed(output: str) -> str:
    """Return the output of a check without where the library was imported."""
    return output.replace("before", "here")


@pytest.mark.parametrize("effect", EFFECTS)
def test_what_comes_before_an_import_counts(effect: str, worker: Worker, tmp_path: Path) -> None:
    """A check computes the same whether its libraries are imported ahead or not."""
    project = Project(tmp_path, worker)
    statement, asked = EFFECTS[effect]
    source = project.library / "__init__.py"
    source.write_text(
        f"{source.read_text()}import sys, warnings, torch\nversion = {asked}, torch.rand(1)"
    )
    (project.file.parent / "local_effect.py").write_text(SETTING)
    (project.library.parent / "failing.py").write_text(f"{SETTING}raise ValueError\n")
    drawn = "print(torch.rand(1))"
    project.write(last=drawn)
    first = computed(project.check())
    project.check_until(lambda output: "before" in output or effect == "file")
    project.write(first=f"import sys, warnings, torch\n{statement}", last=drawn)
    cold = computed(project.check())
    for _ in range(3):
        assert computed(project.check()) == cold
    assert effect in ("none", "file", "threads") or cold != first


def test_a_check_whose_library_host_is_killed_ends(
    project: Project, worker: Worker, tmp_path: Path
) -> None:
    started = tmp_path / "started"
    # No new import, so that the run starts in the library host; then it waits for ever.
    note = f"print(os.getppid(), file=open({str(started)!r}, 'w'), flush=True)"
    project.write(last=f"{note}\nos.read(os.pipe()[0], 1)")
    so_far = Checked()
    paths = (str(project.library.parent),)
    going = worker.start(project.file, extra_paths=paths, so_far=so_far)
    # A run that has reported nothing counts as lost before it began, and would start again.
    wait_until(lambda: so_far.events and started.exists() and started.read_text())
    library_host = int(started.read_text())
    assert library_host != worker.pid
    os.kill(library_host, signal.SIGKILL)
    checked: Checked = going.result(PATIENCE)
    assert isinstance(checked.events[-1], Exited)
    assert [finding.rule for finding in checked.findings] == ["out-of-memory"]
    project.write()
    assert project.check().endswith(" 1")
