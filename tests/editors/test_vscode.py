"""The VS Code extension, installed from its .vsix, in VS Code."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Measured
from tests.editors.code import HERE, Code, package, serving
from tests.editors.conftest import Folders
from tests.server.models import GUARD

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


def test_every_scenario_fails_with_a_silent_server(
    editors: Path, vsix: Path, folders: Folders, tmp_path: Path
) -> None:
    server = tmp_path / "silent"
    server.write_text(
        f"#!{sys.executable}\n"
        "from pygls.lsp.server import LanguageServer\n"
        'LanguageServer("silent", "1").start_io()\n'
    )
    server.chmod(0o700)
    shutil.copytree(folders.originals, tmp_path / "first")
    shutil.copytree(folders.second, tmp_path / "second")
    workspace = tmp_path / "two.code-workspace"
    paths = [{"path": "first"}, {"path": "second"}]
    settings = {"exportLsp.path": str(server)}
    workspace.write_text(json.dumps({"folders": paths, "settings": settings}))
    impatient = {"EXPORT_LSP_PATIENCE": "2000"}
    with serving(editors, vsix, tmp_path / "code", variables=impatient) as running:
        results = running.suite("suite.js", f"workspace={workspace}")
    assert {name: result["ok"] for name, result in results.items()} == dict.fromkeys(
        scenarios("suite.js"), False
    )
    # It is the server that they miss, not the extension.
    assert "waited in vain: a diagnostic" in results[scenarios("suite.js")[0]]["told"]


def test_the_python_extensions_interpreter_is_used(
    editors: Path,
    vsix: Path,
    folders: Folders,
    second_python: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    root = tmp_path_factory.mktemp("selected")
    for name in ("first", "second"):
        (root / name).mkdir()
        shutil.copy(folders.originals / "where.py", root / name)
    workspace = root / "two.code-workspace"
    workspace.write_text(json.dumps({"folders": [{"path": "first"}, {"path": "second"}]}))
    pythons = {
        "EXPORT_LSP_PYTHON": sys.executable,
        "EXPORT_LSP_SECOND_PYTHON": str(second_python),
    }
    with serving(editors, vsix, root / "code", variables=pythons) as running:
        results = running.suite("python.js", f"workspace={workspace}", "python")
    assert set(results) == set(scenarios("python.js"))
    for result in results.values():
        assert result["ok"], result["told"]


def test_untrusted(
    editors: Path, vsix: Path, folders: Folders, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with serving(editors, vsix, tmp_path_factory.mktemp("code"), trusting=False) as running:
        results = running.suite("untrusted.js", f"folder={folders.first}")
    [(_, result)] = results.items()
    assert result["ok"], result["told"]


def test_the_first_diagnostic_is_timed(results: Results, measured: Measured) -> None:
    milliseconds = results[scenarios("suite.js")[0]]["told"]["milliseconds"]
    measured("VS Code: window opened to first diagnostic", f"{milliseconds / 1000:.1f} s")


def test_the_package_is_small(vsix: Path, measured: Measured) -> None:
    measured("VS Code: size of the .vsix", f"{vsix.stat().st_size / 2**20:.1f} MB")
    assert vsix.stat().st_size <= LARGEST


def test_screen(
    editors: Path, vsix: Path, folders: Folders, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """`EXPORT_LSP_PICTURES` names a folder to keep the pictures in, as the README shows them."""
    folder = tmp_path_factory.mktemp("screen") / "models"
    (folder / ".vscode").mkdir(parents=True)
    shutil.copy(folders.first / ".vscode" / "settings.json", folder / ".vscode")
    (folder / "model.py").write_text(GUARD)
    kept = os.environ.get("EXPORT_LSP_PICTURES", str(folder.parent / "pictures"))
    with serving(editors, vsix, tmp_path_factory.mktemp("code"), driven=False) as running:
        said = running.run("screen.mjs", str(folder), kept)
    told = json.loads(said.stdout)
    assert "error" not in told, told
    assert "picked.shape[0] == 0" in told["problem"]
    assert told["fix"].startswith("Insert `torch._check(picked.shape[0] > 0)`")
    assert told["messages"] == []
    assert told["squiggle"]
    assert told["fixed"]
