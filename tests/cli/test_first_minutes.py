"""A new user's first two commands, in repositories that declare no target."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.conftest import Measured
from tests.first_minutes.journey import ALL, Repository, travel


@pytest.mark.parametrize("repository", ALL, ids=[each.name for each in ALL])
def test_two_commands_lead_to_the_first_problem(
    repository: Repository,
    tmp_path: Path,
    torch_python: Path,
    environment: dict[str, str],
    measured: Measured,
) -> None:
    for package in repository.requires:
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    journey = travel(repository, tmp_path / repository.name, torch_python, environment)
    assert journey.problems == [(repository.rule, repository.place)], journey
    assert [step.code for step in journey.steps] == [0, 1]
    assert journey.computed < 60
    shown = f"{journey.seconds:.1f} s, {journey.computed:.1f} s of them computing"
    measured(f"first problem in {repository.name}", shown)
