"""The choice of the interpreter for a folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from export_lsp.engine.interpreters import Interpreter, InterpreterError, Sources, choose, consider


def executable(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o755)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def chosen(
    folder: Path,
    environment: dict[str, str],
    *,
    setting: str | None = None,
    selected: str | None = None,
    own: Path | None = None,
    windows: bool = False,
) -> Interpreter:
    return choose(Sources(folder, setting, "editor", selected, environment, own, windows))


def test_the_order(tmp_path: Path, folder: Path) -> None:
    """All candidates exist; each time the first one is removed, the next one is chosen."""
    environment = {
        "VIRTUAL_ENV": str(tmp_path / "active"),
        "CONDA_PREFIX": str(tmp_path / "conda"),
        "PATH": str(tmp_path / "bin"),
    }
    setting = executable(tmp_path / "set" / "python")
    selected = executable(tmp_path / "selected" / "python")
    own = executable(tmp_path / "own" / "python")
    expected = [
        (setting, "the setting `interpreter` (editor)"),
        (selected, "selected in the editor"),
        (executable(tmp_path / "active/bin/python"), "$VIRTUAL_ENV"),
        (executable(folder / ".venv/bin/python"), ".venv in the workspace folder"),
        (executable(folder / "venv/bin/python"), "venv in the workspace folder"),
        (executable(tmp_path / "conda/bin/python"), "$CONDA_PREFIX"),
        (executable(tmp_path / "bin/python3"), "python3 on the PATH"),
        (own, "the one that runs export-lsp"),
    ]
    given: str | None = str(setting)
    for path, reason in expected:
        found = chosen(folder, environment, setting=given, selected=str(selected), own=own)
        assert found == Interpreter(path, reason)
        path.unlink()
        given = None
    with pytest.raises(InterpreterError, match="No Python interpreter was found"):
        chosen(folder, environment, selected=str(selected), own=own)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_an_environment_of_another_user_is_passed_over(tmp_path: Path, folder: Path) -> None:
    executable(folder / ".venv/bin/python")
    own = executable(tmp_path / "own" / "python")
    os.chown(folder / ".venv", 65534, 65534)
    assert chosen(folder, {}, own=own).path == own
    os.chown(folder, 65534, 65534)  # now the whole folder is theirs
    assert chosen(folder, {}, own=own).path == folder / ".venv/bin/python"


def test_the_environment_of_export_lsp_itself_is_passed_over(tmp_path: Path, folder: Path) -> None:
    hook, system = tmp_path / "hook", executable(tmp_path / "bin/python3")
    executable(hook / "bin/python")
    executable(hook / "bin/python3")
    environment = {
        "VIRTUAL_ENV": str(hook),
        "PATH": os.pathsep.join([str(hook / "bin"), str(system.parent)]),
    }
    sources = Sources(folder, None, "", None, environment, own=None, home=hook)
    assert choose(sources) == Interpreter(system, "python3 on the PATH")
    places = [str(each) for each in consider(sources)]
    assert "$VIRTUAL_ENV: export-lsp's own, without torch" in places


@pytest.mark.parametrize("name", ["VIRTUAL_ENV", "CONDA_PREFIX"])
def test_a_relative_environment_is_passed_over(
    tmp_path: Path, folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    executable(tmp_path / "env/bin/python")
    own = executable(tmp_path / "own" / "python")
    monkeypatch.chdir(tmp_path)
    assert chosen(folder, {name: "env"}, own=own).path == own


def test_windows_paths(tmp_path: Path, folder: Path) -> None:
    venv = executable(folder / ".venv/Scripts/python.exe")
    conda = executable(tmp_path / "conda/python.exe")
    environment = {"CONDA_PREFIX": str(tmp_path / "conda")}
    assert chosen(folder, environment, windows=True).path == venv
    venv.unlink()
    assert chosen(folder, environment, windows=True).path == conda


@pytest.mark.parametrize(
    "setting",
    [
        "env/bin/python",
        "./env/bin/python",
        "${workspaceFolder}/env/bin/python",
        "~/work/env/bin/python",
        "${env:WORK}/env/bin/python",
        "env/",
        "./env",
        "torchpython",
    ],
)
def test_spellings_of_the_setting(tmp_path: Path, folder: Path, setting: str) -> None:
    python = executable(folder / "env/bin/python")
    executable(folder / "env/bin/torchpython")
    environment = {
        "HOME": str(tmp_path),
        "WORK": str(folder),
        "PATH": str(folder / "env/bin"),
    }
    expected = python.with_name("torchpython") if setting == "torchpython" else python
    assert chosen(folder, environment, setting=setting).path == expected


def test_links_are_kept(tmp_path: Path, folder: Path) -> None:
    """The python of a virtual environment is a link to an interpreter without its packages."""
    real = executable(tmp_path / "real/python3.12")
    link = folder / ".venv/bin/python"
    link.parent.mkdir(parents=True)
    link.symlink_to(real)
    assert chosen(folder, {}).path == link


@pytest.mark.parametrize("setting", ["missing/python", "nopython", "~/x"])
def test_a_setting_that_names_nothing_is_not_replaced_by_a_guess(
    folder: Path, setting: str
) -> None:
    executable(folder / ".venv/bin/python")
    with pytest.raises(InterpreterError) as error:
        chosen(folder, {"HOME": "/nowhere"}, setting=setting)
    assert f'"{setting}" (editor) does not exist' in str(error.value)


def test_each_place_says_what_came_of_it(tmp_path: Path, folder: Path) -> None:
    executable(folder / ".venv/bin/python")
    executable(tmp_path / "conda/bin/python")
    torch = tmp_path / "conda/lib/python3.12/site-packages/torch/__init__.py"
    torch.parent.mkdir(parents=True)
    torch.touch()
    environment = {
        "VIRTUAL_ENV": str(tmp_path / "gone"),
        "CONDA_PREFIX": str(tmp_path / "conda"),
        "PATH": "",
    }

    def said(setting: str | None) -> list[str]:
        places = consider(Sources(folder, setting, "editor", None, environment, None, False))
        return [str(each).replace(str(tmp_path), "") for each in places]

    later = "not used, as .venv in the workspace folder comes first"
    assert said(None) == [
        "the setting `interpreter`: not set",
        "selected in the editor: none",
        "$VIRTUAL_ENV: /gone/bin/python, does not exist",
        ".venv in the workspace folder: /work/.venv/bin/python, used",
        "venv in the workspace folder: does not exist",
        f"$CONDA_PREFIX: /conda/bin/python, {later}; it has torch",
        "python3 on the PATH: not found",
        "the one that runs export-lsp: without torch",
    ]
    [setting, *others] = said("nowhere/python")
    assert setting == "the setting `interpreter` (editor): /work/nowhere/python, does not exist"
    assert not any("used" in each.replace("not used", "") for each in others)
