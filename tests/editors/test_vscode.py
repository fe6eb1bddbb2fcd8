"""The VS Code extension, installed from its .vsix, in VS Code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.editors.code import HERE, Code, package, serving
from tests.editors.conftest import Folders

NAME = re.compile(r'async "([^"]+)"\(\)')
LARGEST = 5 * 2**20

Results = dict[str, dict[str, Any]]


def scenarios(suite: str) -> list[str]:
    """The names of a suite's scenarios."""
    return NAME.findall((HERE / suite).read_text())


@pytest.fixture(scope="session")
def vsix(editors: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return package(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="session")
def code(editors: Path, vsix: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Code]:
    with serving(editors, vsix, tmp_path_factory.mktemp("code")) as running:
        yield running


@pytest.fixture(scope="session")
def results(code: Code, folders: Folders) -> Results:
    return code.suite("suite.js", f"workspace={folders.workspace}")


@pytest.mark.parametrize("scenario", scenarios("suite.js"))
def test_scenario(scenario: str, results: Results) -> None:
    assert scenario in results, "the suite did not come so far"
    assert results[scenario]["ok"], results[scenario]["told"]


def test_untrusted(
    editors: Path, vsix: Path, folders: Folders, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with serving(editors, vsix, tmp_path_factory.mktemp("code"), trusting=False) as running:
        results = running.suite("untrusted.js", f"folder={folders.first}")
    [(_, result)] = results.items()
    assert result["ok"], result["told"]


def test_the_package_is_small(vsix: Path) -> None:
    assert vsix.stat().st_size <= LARGEST
