"""Shared by all tests: interpreters with and without torch, and a clean environment."""

from __future__ import annotations

import os
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

# Variables of the developer's shell that change which interpreter is found or how output looks.
_UNWANTED = ("VIRTUAL_ENV", "CONDA_PREFIX", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTHONPATH")
# Marks a measured figure among the properties of a test.
FIGURE = "figure: "
_TORCH = ("torch", "functorch", "torchgen", "transformers")


@pytest.fixture(scope="session")
def torch_python() -> Path:
    """Return an interpreter that has torch: the one that runs the tests."""
    return Path(sys.executable)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a process under test: a home of its own, no shell settings."""
    return clean_environment(tmp_path / "home")


def clean_environment(home: Path) -> dict[str, str]:
    """Create a home directory, and return an environment that uses it."""
    kept = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    home.mkdir()
    return {**kept, "HOME": str(home), "XDG_STATE_HOME": str(home), "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of an empty virtual environment."""
    return _new_environment(tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="session")
def torchless_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the interpreter of a virtual environment with our dependencies, except torch."""
    python = _new_environment(tmp_path_factory.mktemp("torchless"))
    [packages] = python.parents[1].glob("lib/python*/site-packages")
    import click

    assert click.__file__
    for entry in Path(click.__file__).parents[1].iterdir():
        if not entry.name.startswith(_TORCH) and not (packages / entry.name).exists():
            (packages / entry.name).symlink_to(entry)
    root = Path(__file__).parents[1]
    (packages / "export_lsp_under_test.pth").write_text(f"{root}\n")
    return python


def _new_environment(prefix: Path) -> Path:
    venv.create(prefix, symlinks=True, with_pip=False)
    return prefix / "bin" / "python"


Measured = Callable[[str, str], None]


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Measured:
    """Record a named figure, which is printed after the last test."""
    return lambda name, value: record_property(f"{FIGURE}{name}", value)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the recorded figures."""
    reports = [each for kind in ("passed", "failed") for each in terminalreporter.getreports(kind)]
    figures = dict(item for each in reports for item in each.user_properties)
    for name, value in figures.items():
        if str(name).startswith(FIGURE):
            terminalreporter.write_line(f"{str(name).removeprefix(FIGURE)}: {value}")
