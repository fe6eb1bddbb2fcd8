"""Commands of the release, each of which has to succeed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path


class FailedError(Exception):
    """A command has failed, or its output is another than it has to be."""


# Variables that would lead a clean environment to the packages of another.
_UNWANTED = ("PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONHOME")


def run(
    command: Sequence[object],
    *,
    folder: Path | None = None,
    status: int = 0,
    variables: Mapping[str, str] = {},
) -> str:
    """Run a command; return its output and errors.

    Raises:
        FailedError: It ends with another status.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    ended = subprocess.run(
        [str(each) for each in command],
        cwd=folder,
        env={**environment, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if ended.returncode != status:
        shown = " ".join(map(str, command))
        raise FailedError(f"`{shown}` ended with {ended.returncode}:\n{ended.stdout}")
    return ended.stdout


def require(output: str, *parts: str) -> None:
    """Raise FailedError unless an output has all these parts."""
    for part in parts:
        if part not in output:
            raise FailedError(f"{part!r} is missing in:\n{output}")


def environment(folder: Path, python: str | Path = sys.executable) -> Path:
    """Create a virtual environment with pip; return the folder of its programs."""
    run([python, "-m", "venv", folder])
    return folder / ("Scripts" if os.name == "nt" else "bin")


def install(programs: Path, *requirements: str | Path) -> None:
    """Install packages into an environment."""
    pip = [programs / "python", "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    run([*pip, *requirements])
