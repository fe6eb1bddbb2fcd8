"""The VS Code extension, installed from its .vsix, in VS Code."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Measured
from tests.editors.conftest import BARE, SCRIPT, Folders
from tests.editors.shaped import HINTS, TRANSFORMER
from tests.editors.vscode_server import HERE, ROOT, VSCode, build_vsix, run_server
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


@dataclass(frozen=True)
class Screen:
    """VS Code's window on a folder below `root`, driven by a script in `vscode/`."""

    editors: Path
    vsix: Path
    root: Path

    @property
    def folder(self) -> Path:
        """The folder that is opened; it is made by `shows`."""
        return self.root / "models"

    def shows(
        self,
        script: str,
        files: Mapping[str, str],
        *arguments: str,
        python: Path = Path(sys.executable),
        **settings: Any,
    ) -> dict[str, Any]:
        """Return what a script reports of the screen.

        The pictures go to a folder, named after the interpreter's, below `EXPORT_LSP_PICTURES`.

        Args:
            script: The script.
            files: The texts of the files in the folder, by name.
            arguments: Arguments of the script, after the folder and that of the pictures.
            python: The setting `interpreter`.
            settings: Other settings of the extension.
        """
        (self.folder / ".vscode").mkdir(parents=True)
        all_settings = {"interpreter": str(python), **settings}
        (self.folder / ".vscode" / "settings.json").write_text(
            json.dumps({f"exportLsp.{name}": value for name, value in all_settings.items()})
        )
        for name, text in files.items():
            (self.folder / name).write_text(text)
        pictures = Path(os.environ.get("EXPORT_LSP_PICTURES", self.root)) / python.parents[1].name
        with run_server(self.editors, self.vsix, self.root / "code", driven=False) as running:
            ended = running.run(script, str(self.folder), str(pictures), *arguments)
        shown: dict[str, Any] = json.loads(ended.stdout)
        assert "error" not in shown, shown
        return shown


@pytest.fixture
def screen(editors: Path, vsix: Path, tmp_path_factory: pytest.TempPathFactory) -> Screen:
    return Screen(editors, vsix, tmp_path_factory.mktemp("screen"))


def test_the_screen_shows_a_problem_and_a_fix(screen: Screen) -> None:
    """The pictures in the README come from this test."""
    shown = screen.shows("screen.mjs", {"model.py": GUARD})
    assert "picked.shape[0] == 0" in shown["problem"]
    assert shown["hover"].count("Comparison with tensor data") == 1
    assert "export_lsp" not in shown["hover"]
    assert shown["fix"].startswith("Insert `torch._check(picked.shape[0] > 0)`")
    assert shown["messages"] == []
    assert shown["squiggle"]
    assert shown["fixed"]


def test_the_code_actions_of_a_problem_on_the_screen(screen: Screen) -> None:
    waiting = WAITING_FOR_GATE.format(gate=str(screen.folder / "gate"))
    # Strict mode refuses the loop that waits.
    modes = ["non-strict"]
    shown = screen.shows("actions.mjs", {"waiting.py": waiting, "loop.py": LOOP}, modes=modes)
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
    assert json.loads(shown["settings"]) == {
        "exportLsp.interpreter": sys.executable,
        "exportLsp.modes": modes,
        "exportLsp.severities": {"data-dependent-branch": "hint"},
    }


def test_no_torch_on_the_screen(screen: Screen, bare_python: Path) -> None:
    server = str(Path(sys.executable).with_name("export-lsp"))
    shown = screen.shows("no_torch.mjs", {"model.py": GUARD}, python=bare_python, path=server)
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


def verdicts_on(
    screen: Screen, expected: Mapping[str, tuple[str, str]], **settings: Any
) -> dict[str, Any]:
    """Return what the screen shows of files, given their texts and verdicts by name."""
    files = {name: text for name, (text, _) in expected.items()}
    wanted = [f"{name}={verdict}" for name, (_, verdict) in expected.items()]
    return screen.shows("verdicts.mjs", files, *wanted, **settings)


def test_the_screen_shows_verdicts(screen: Screen) -> None:
    shown = verdicts_on(screen, VERDICTS)
    clean = shown["files"]["clean.py"]
    assert "Modes: non-strict exports, strict exports" in clean["tooltip"]
    assert clean["lenses"] == ["exports ✓ both modes · matches eager | graph"]
    assert shown["files"]["targets.py"]["lenses"] == [
        "picks: ✗ 1 problem",
        "relu: exports ✓ both modes · matches eager | graph",
    ]
    rows = {f"{name}{verdict}" for name, (_, verdict) in VERDICTS.items()}
    # The view shows as many rows as there is room for.
    assert len(shown["view"]) > 4
    assert set(shown["view"]) <= rows
    said = "5 targets: 2 fail, 2 export, 1 is ignored; 1 other file: 1 fails; 2 files not checked"
    assert said in shown["summary"]


def test_the_screen_shows_states_that_pass(screen: Screen) -> None:
    gate = str(screen.folder / "gate")
    waits = f"import pathlib, time\nwhile not pathlib.Path({gate!r}).exists():\n"
    files = {
        "waits.py": f"{waits}    time.sleep(0.01)\n{CLEAN}",
        "clean.py": CLEAN,
        "warns.py": GUARD,
        "endless.py": f"while True:\n    pass\n{CLEAN}",
        "bare.py": BARE,
    }
    warnings = {"data-dependent-guard": "warning"}
    shown = screen.shows("states.mjs", files, severities=warnings, timeout=15)
    assert "example_args = (torch.randn(2, 4),)" in shown["preview"]


def test_the_screen_shows_that_there_is_no_torch(screen: Screen, bare_python: Path) -> None:
    shown = verdicts_on(screen, {"model.py": (CLEAN, "no torch")}, python=bare_python)
    assert str(bare_python) in shown["files"]["model.py"]["tooltip"].replace("\\", "")


def test_the_screen_shows_shapes(screen: Screen) -> None:
    shown = screen.shows("shapes.mjs", {"model.py": TRANSFORMER}, "softmax")
    # Lines below the window are not there, and VS Code 1.139 cuts the hints of one line after 43
    # characters.
    expected = iter(HINTS)
    for hint in shown["hints"]:
        assert any(each.startswith(hint.removesuffix("…")) for each in expected), hint
    assert len(shown["hints"]) >= 8
    assert "f32[batch, 4, seq, seq]" in shown["hover"]
    assert shown["lenses"] == [
        "exports ✓ both modes · matches eager · batch 0…, seq 0…512"
        " · 56.7 k parameters · 2.58 MFLOP for the example | graph"
    ]
    assert shown["hidden"]


@pytest.mark.long
def test_the_screen_shows_the_walkthrough_and_the_groups_of_settings(screen: Screen) -> None:
    shown = screen.shows("walkthrough.mjs", {"model.py": CLEAN})
    manifest = json.loads((ROOT / "editors" / "vscode" / "package.json").read_text("utf-8"))
    [walkthrough] = manifest["contributes"]["walkthroughs"]
    assert [each["title"] for each in shown["steps"]] == [
        step["title"] for step in walkthrough["steps"]
    ]
    for each, step in zip(shown["steps"], walkthrough["steps"], strict=True):
        assert bool(each["width"]) == ("image" in step["media"]), each
    groups = [each["title"] for each in manifest["contributes"]["configuration"]]
    assert [name for name in shown["groups"] if name in groups] == groups
