"""An environment for each library, made once and kept."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.wild.case import Library

MARK = "made-for"


def python_of(library: Library, directory: Path) -> Path:
    """The interpreter of a library's environment, which is made if it is missing or out of date.

    Raises:
        subprocess.CalledProcessError: pip could not install the library.
    """
    environment = directory / library.environment
    python = environment / "bin" / "python"
    missing = _missing(library.requirements, environment / MARK)
    if missing:
        if not python.exists():
            shutil.rmtree(environment, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
        # torch first: what fits it is chosen by what is there.
        for requirements in (library.requirements[:1], library.requirements[1:]):
            if requirements:
                pip = [str(python), "-m", "pip", "install", "-qq", *requirements]
                subprocess.run(pip, check=True)
        with (environment / MARK).open("a") as mark:
            mark.writelines(f"{requirement}\n" for requirement in missing)
    return python


def versions(python: Path, names: Iterable[str]) -> dict[str, str]:
    """The installed versions of packages, by name."""
    code = "import sys; from importlib.metadata import version as v; print(*map(v, sys.argv[1:]))"
    wanted = list(names)
    ended = subprocess.run(
        [str(python), "-c", code, *wanted], capture_output=True, text=True, check=True
    )
    return dict(zip(wanted, ended.stdout.split(), strict=True))


def _missing(requirements: Iterable[str], mark: Path) -> list[str]:
    made = set(mark.read_text().splitlines()) if mark.exists() else set()
    return [requirement for requirement in requirements if requirement not in made]
