"""What all tests share: the interpreter that has torch, and a clean environment for processes."""

from __future__ import annotations

import os
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

# Chosen by a user's shell, these would change which interpreter is found and how output looks.
_UNWANTED = ("VIRTUAL_ENV", "CONDA_PREFIX", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTHONPATH")
# Marks a figure among the properties of tests.
FIGURE = "figure: "
_TORCH = ("torch", "functorch", "torchgen", "transformers")


@pytest.fixture(scope="session")
def torch_python() -> Path:
    """An interpreter that has torch: the one that runs the tests."""
    return Path(sys.executable)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment for a process under test: a home of its own, nothing of the user's shell."""
    return clean_environment(tmp_path / "home")


def clean_environment(home: Path) -> dict[str, str]:
    """The `environment` with a home directory of one's own choice; it is made."""
    kept = {name: value for name, value in os.environ.items() if name not in _UNWANTED}
    home.mkdir()
    return {**kept, "HOME": str(home), "XDG_STATE_HOME": str(home), "OMP_NUM_THREADS": "1"}


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a virtual environment with nothing in it."""
    return _new_environment(tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="session")
def torchless_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a virtual environment that has export-lsp and its needs, but no torch."""
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
    """Takes a figure's name and value, which are shown when all tests have ended."""
    return lambda name, value: record_property(f"{FIGURE}{name}", value)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show the figures."""
    reports = [each for kind in ("passed", "failed") for each in terminalreporter.getreports(kind)]
    figures = dict(item for each in reports for item in each.user_properties)
    for name, value in figures.items():
        if str(name).startswith(FIGURE):
            terminalreporter.write_line(f"{str(name).removeprefix(FIGURE)}: {value}")
