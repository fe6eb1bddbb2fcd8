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
from tests.editors.conftest import BARE, SCRIPT, Folders
from tests.editors.shaped import HINTS, TRANSFORMER
from tests.editors.vscode_server import HERE, VSCode, build_vsix, run_server
from tests.server.models import CLEAN, GUARD, LOOP, WAITING_FOR_GATE

NAME = re.compile(r'async "([^"]+)"\(\)')
LARGEST = 5 * 2**20

Results = dict[str, dict[str, Any]]


def scenarios(suite: str) -> list[str]:
    """Return the names of a suite's scenarios."""
    return NAME.findall((HERE / suite).read_text())


@pytest.fixture(scope="session")
def vsix(editors: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_vsix(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="session")
def code(editors: Path, vsix: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[VSCode]:
    with run_server(editors, vsix, tmp_path_factory.mktemp("code")) as running:
        yield running


@pytest.fixture(scope="session")
def results(code: VSCode, folders: Folders) -> Results:
    return code.run_suite("suite.js", f"workspace={folders.workspace}")


@pytest.mark.parametrize("scenario", scenarios("suite.js"))
def test_scenario(scenario: str, results: Results) -> None:
    assert scenario in results, "the suite ended before this scenario"
    assert results[scenario]["ok"], results[scenario]["details"]


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
    with run_server(editors, vsix, tmp_path / "code", variables=impatient) as running:
        results = running.run_suite("suite.js", f"workspace={workspace}")
    assert {name: result["ok"] for name, result in results.items()} == dict.fromkeys(
        scenarios("suite.js"), False
    )
    # They fail for lack of diagnostics, not for lack of the extension.
    assert "timed out waiting for a diagnostic" in results[scenarios("suite.js")[0]]["details"]


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
    with run_server(editors, vsix, root / "code", variables=pythons) as running:
        results = running.run_suite("python.js", f"workspace={workspace}", "python")
    assert set(results) == set(scenarios("python.js"))
    for result in results.values():
        assert result["ok"], result["details"]


def test_nothing_runs_in_an_untrusted_workspace(
    editors: Path, vsix: Path, folders: Folders, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with run_server(editors, vsix, tmp_path_factory.mktemp("code"), trusting=False) as running:
        results = running.run_suite("untrusted.js", f"folder={folders.first}")
    [(_, result)] = results.items()
    assert result["ok"], result["details"]


def test_the_first_diagnostic_is_timed(results: Results, measured: Measured) -> None:
    milliseconds = results[scenarios("suite.js")[0]]["details"]["milliseconds"]
    measured("VS Code: window opened to first diagnostic", f"{milliseconds / 1000:.1f} s")


def test_the_package_is_small(vsix: Path, measured: Measured) -> None:
    measured("VS Code: size of the .vsix", f"{vsix.stat().st_size / 2**20:.1f} MB")
    assert vsix.stat().st_size <= LARGEST


def test_the_screen_shows_a_problem_and_a_fix(
    editors: Path, vsix: Path, folders: Folders, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The pictures in the README come from this test: `EXPORT_LSP_PICTURES` names their folder."""
    folder = tmp_path_factory.mktemp("screen") / "models"
    (folder / ".vscode").mkdir(parents=True)
    shutil.copy(folders.first / ".vscode" / "settings.json", folder / ".vscode")
    (folder / "model.py").write_text(GUARD)
    kept = os.environ.get("EXPORT_LSP_PICTURES", str(folder.parent / "pictures"))
    with run_server(editors, vsix, tmp_path_factory.mktemp("code"), driven=False) as running:
        ended = running.run("screen.mjs", str(folder), kept)
    shown = json.loads(ended.stdout)
    assert "error" not in shown, shown
    assert "picked.shape[0] == 0" in shown["problem"]
    assert shown["hover"].count("Comparison with tensor data") == 1
    assert "export_lsp" not in shown["hover"]
    assert shown["fix"].startswith("Insert `torch._check(picked.shape[0] > 0)`")
    assert shown["messages"] == []
    assert shown["squiggle"]
    assert shown["fixed"]


def test_the_code_actions_of_a_problem_on_the_screen(
    editors: Path, vsix: Path, folders: Folders, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("screen") / "models"
    (folder / ".vscode").mkdir(parents=True)
    settings = folder / ".vscode" / "settings.json"
    # Strict mode refuses the loop that waits.
    before = {"exportLsp.interpreter": sys.executable, "exportLsp.modes": ["non-strict"]}
    settings.write_text(json.dumps(before))
    waiting = WAITING_FOR_GATE.format(gate=str(folder / "gate"))
    (folder / "waiting.py").write_text(waiting)
    (folder / "loop.py").write_text(LOOP)
    kept = os.environ.get("EXPORT_LSP_PICTURES", str(folder.parent / "pictures"))
    with run_server(editors, vsix, tmp_path_factory.mktemp("code"), driven=False) as running:
        ended = running.run("actions.mjs", str(folder), kept)
    shown = json.loads(ended.stdout)
    assert "error" not in shown, shown
    always = [
        "Explain rule `data-dependent-guard`",
        "Ignore `data-dependent-guard` in this line",
        "Set severity of `data-dependent-guard`…",
    ]
    ours = [each for each in shown["looking"] if "`" in each or "fix" in each]
    assert ours[:4] == ["Looking for a fix…", *always]
    assert any(each.startswith("Insert `torch._check(") for each in shown["found"])
    assert "Looking for a fix…" not in shown["found"]
    assert shown["appliedWithoutSave"]
    assert shown["undone"]
    assert any(
        each.startswith("No fix found: no edit is known that may help") for each in shown["none"]
    )
    assert "No fix found: no edit is known that may help" in shown["reason"]
    assert shown["ignoredWithoutSave"]
    wanted = {**before, "exportLsp.severities": {"data-dependent-branch": "hint"}}
    assert json.loads(shown["settings"]) == wanted


def test_no_torch_on_the_screen(
    editors: Path, vsix: Path, bare_python: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("screen") / "models"
    (folder / ".vscode").mkdir(parents=True)
    server = {"exportLsp.path": str(Path(sys.executable).with_name("export-lsp"))}
    settings = {**server, "exportLsp.interpreter": str(bare_python)}
    (folder / ".vscode" / "settings.json").write_text(json.dumps(settings))
    (folder / "model.py").write_text(GUARD)
    kept = os.environ.get("EXPORT_LSP_PICTURES", str(folder.parent / "pictures"))
    with run_server(editors, vsix, tmp_path_factory.mktemp("code"), driven=False) as running:
        ended = running.run("no_torch.mjs", str(folder), kept)
    shown = json.loads(ended.stdout)
    assert "error" not in shown, shown
    assert shown["message"] == f"{bare_python} has no torch."
    assert shown["buttons"] == ["Select Interpreter", "Open Settings", "Show Details"]
    text = "\n".join(shown["output"])
    assert f"{bare_python}, used" in text
    assert "$VIRTUAL_ENV: " in text
    # VS Code writes the time and the level once, the language client not again.
    assert "[info] Interpreters that were considered:" in text


IGNORED = GUARD.replace("== 0:", "== 0:  # export-lsp: ignore[data-dependent-guard] never empty")
TARGETS = (
    GUARD.partition("\n\nmodel = ")[0]
    + """

choice = torch.tensor([True, False])
export_targets = {
    "picks": {"model": Pick, "args": (torch.ones(2), choice)},
    "relu": {"model": torch.nn.ReLU, "args": (torch.ones(2),)},
}
"""
)
# The text of each file, and its verdict.
VERDICTS = {
    "clean.py": (CLEAN, "exports ✓ both modes · matches eager"),
    "guard.py": (GUARD, "✗ 1 problem"),
    "targets.py": (TARGETS, "✗ 1 problem in 1 of 2 targets"),
    "ignored.py": (IGNORED, "does not export · 1 problem ignored"),
    "bare.py": (BARE, "not checked: no example inputs"),
    "script.py": (SCRIPT, "not checked: exported by a script"),
    "broken.py": (f"import nothing_there\n{CLEAN}", "✗ 1 problem"),
}


def screen_of_verdicts(
    editors: Path, vsix: Path, root: Path, python: Path, expected: dict[str, tuple[str, str]]
) -> dict[str, Any]:
    """Return what the screen shows of the files, checked with an interpreter.

    The pictures go to a folder, named after the interpreter's, below `EXPORT_LSP_PICTURES`.
    """
    folder = root / "models"
    (folder / ".vscode").mkdir(parents=True)
    settings = {"exportLsp.interpreter": str(python)}
    (folder / ".vscode" / "settings.json").write_text(json.dumps(settings))
    for name, (text, _) in expected.items():
        (folder / name).write_text(text)
    pictures = Path(os.environ.get("EXPORT_LSP_PICTURES", root)) / python.parents[1].name
    wanted = [f"{name}={verdict}" for name, (_, verdict) in expected.items()]
    with run_server(editors, vsix, root / "code", driven=False) as running:
        ended = running.run("verdicts.mjs", str(folder), str(pictures), *wanted)
    shown: dict[str, Any] = json.loads(ended.stdout)
    assert "error" not in shown, shown
    return shown


def test_the_screen_shows_verdicts(
    editors: Path, vsix: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("verdicts")
    shown = screen_of_verdicts(editors, vsix, root, Path(sys.executable), VERDICTS)
    clean = shown["files"]["clean.py"]
    assert "Modes: non-strict exports, strict exports" in clean["tooltip"]
    assert clean["lenses"] == ["exports ✓ both modes · matches eager"]
    assert shown["files"]["targets.py"]["lenses"] == [
        "picks: ✗ 1 problem",
        "relu: exports ✓ both modes · matches eager",
    ]
    rows = {f"{name}{verdict}" for name, (_, verdict) in VERDICTS.items()}
    # The view shows as many rows as there is room for.
    assert len(shown["view"]) > 4
    assert set(shown["view"]) <= rows
    said = "5 targets: 2 fail, 2 export, 1 is ignored; 1 other file: 1 fails; 2 files not checked"
    assert said in shown["summary"]


def test_the_screen_shows_states_that_pass(
    editors: Path, vsix: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("states")
    folder = root / "models"
    (folder / ".vscode").mkdir(parents=True)
    settings = {
        "exportLsp.interpreter": sys.executable,
        "exportLsp.severities": {"data-dependent-guard": "warning"},
        "exportLsp.timeout": 15,
    }
    (folder / ".vscode" / "settings.json").write_text(json.dumps(settings))
    waits = f"import pathlib, time\nwhile not pathlib.Path({str(folder / 'gate')!r}).exists():\n"
    files = {
        "waits.py": f"{waits}    time.sleep(0.01)\n{CLEAN}",
        "clean.py": CLEAN,
        "warns.py": GUARD,
        "endless.py": f"while True:\n    pass\n{CLEAN}",
        "bare.py": BARE,
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    kept = os.environ.get("EXPORT_LSP_PICTURES", str(root / "pictures"))
    with run_server(editors, vsix, root / "code", driven=False) as running:
        ended = running.run("states.mjs", str(folder), kept)
    shown = json.loads(ended.stdout)
    assert "error" not in shown, shown
    assert "example_args = (torch.randn(2, 4),)" in shown["preview"]


def test_the_screen_shows_that_there_is_no_torch(
    editors: Path, vsix: Path, bare_python: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = tmp_path_factory.mktemp("no-torch")
    shown = screen_of_verdicts(editors, vsix, root, bare_python, {"model.py": (CLEAN, "no torch")})
    assert str(bare_python) in shown["files"]["model.py"]["tooltip"].replace("\\", "")


def test_the_screen_shows_shapes(
    editors: Path, vsix: Path, folders: Folders, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("screen") / "models"
    (folder / ".vscode").mkdir(parents=True)
    shutil.copy(folders.first / ".vscode" / "settings.json", folder / ".vscode")
    (folder / "model.py").write_text(TRANSFORMER)
    kept = os.environ.get("EXPORT_LSP_PICTURES", str(folder.parent / "pictures"))
    with run_server(editors, vsix, tmp_path_factory.mktemp("code"), driven=False) as running:
        ended = running.run("shapes.mjs", str(folder), kept, "softmax")
    shown = json.loads(ended.stdout)
    assert "error" not in shown, shown
    # Lines below the window are not there, and VS Code 1.139 cuts the hints of one line after 43
    # characters.
    expected = iter(HINTS)
    for hint in shown["hints"]:
        assert any(each.startswith(hint.removesuffix("…")) for each in expected), hint
    assert len(shown["hints"]) >= 8
    assert "f32[batch, 4, seq, seq]" in shown["hover"]
    assert shown["lenses"] == ["exports ✓ both modes · matches eager · batch 0…, seq 0…512"]
    assert shown["hidden"]
