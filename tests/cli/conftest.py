"""The command, in a workspace folder for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.command import Command


@pytest.fixture
def command(tmp_path: Path, torch_python: Path, environment: dict[str, str]) -> Command:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return Command(folder, torch_python, environment)
