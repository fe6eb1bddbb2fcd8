"""The first steps of a new user in a repository, and the time until the first problem."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORIES = Path(__file__).parent / "repositories"
# The commands that lead to the first problem, after those that install torch and export-lsp.
COMMANDS = (("init",), ("check",))

_PROBLEM = re.compile(r"^(\S+?):(\d+):(\d+): (?:error|warning)\[([\w-]+)\]", re.MULTILINE)


@dataclass(frozen=True)
class Repository:
    """A repository, and its only problem: the rule, and the expression in a file.

    `requires` has the packages that it needs besides torch.
    """

    name: str
    rule: str
    file: str
    expression: str
    requires: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[str, int, int]:
        """The file, line and column of the problem; both count from 1."""
        lines = (REPOSITORIES / self.name / self.file).read_text("utf-8").splitlines()
        [found] = [(n, line) for n, line in enumerate(lines, 1) if self.expression in line]
        return self.file, found[0], found[1].index(self.expression) + 1


ALL = (
    Repository("plain_training", "data-dependent-branch", "models/blocks.py", "weight.max() < 0.1"),
    Repository(
        "fine_tuning",
        "data-dependent-branch",
        "finetune.py",
        "attention_mask.sum() == 0",
        ("transformers",),
    ),
    Repository("library", "data-dependent-guard", "src/tonal/layers.py", "int(lengths.max())"),
)


@dataclass(frozen=True)
class Step:
    """A command with its exit status, its output and the seconds it took.

    `computed` are the seconds of processor time of all its processes: on an idle machine the
    command takes no longer than that and its waiting for disks.
    """

    command: tuple[str, ...]
    code: int
    output: str
    seconds: float
    computed: float


@dataclass(frozen=True)
class Journey:
    """The commands up to the first problem."""

    repository: Repository
    steps: tuple[Step, ...]

    @property
    def seconds(self) -> float:
        """The time that all commands took."""
        return sum(step.seconds for step in self.steps)

    @property
    def computed(self) -> float:
        """The processor time that all commands took."""
        return sum(step.computed for step in self.steps)

    @property
    def problems(self) -> list[tuple[str, tuple[str, int, int]]]:
        """The rule and the place of each problem that the last command has shown."""
        found = _PROBLEM.findall(self.steps[-1].output)
        return [(rule, (file, int(line), int(column))) for file, line, column, rule in found]


def travel(
    repository: Repository, folder: Path, python: Path, environment: Mapping[str, str]
) -> Journey:
    """Copy a repository into a folder, and carry out the commands there.

    Args:
        repository: The repository.
        folder: A folder that does not exist yet.
        python: The interpreter of an environment that has torch; it is active, as after
            ``source bin/activate``.
        environment: The variables of the process otherwise.
    """
    shutil.copytree(REPOSITORIES / repository.name, folder)
    path = os.pathsep.join([str(python.parent), environment.get("PATH", os.defpath)])
    active = {**environment, "VIRTUAL_ENV": str(python.parents[1]), "PATH": path}
    steps = []
    for command in COMMANDS:
        began, before = time.monotonic(), _processor_time()
        ended = subprocess.run(
            [str(python), "-m", "export_lsp", *command],
            cwd=folder,
            env=active,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        seconds, computed = time.monotonic() - began, _processor_time() - before
        steps.append(Step(command, ended.returncode, ended.stdout, seconds, computed))
    return Journey(repository, tuple(steps))


def _processor_time() -> float:
    """Return the processor time of all processes that have ended below this one."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
