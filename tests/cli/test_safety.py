"""The files of a workspace do not affect the command, the terminal or other files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from export_lsp.engine.trust_store import ANSWERS, TrustStore
from tests.cli.command import Command
from tests.faults.connection_log import connections, log_connections
from tests.server.models import GUARD

# Modules that the command imports.  Modules that ``python -m`` imports before the command are not
# tested: only ``python -P`` keeps those from the working directory.
NAMES = ("asyncio", "click", "json", "pygls", "rich", "tomllib")
HOSTILE = "open({mark!r}, 'w').close()\n"

CONTROLLING = "\x1b]0;owned\x07\x1b[2J\u202eevil\r\n::error::owned [x](command:y) <img src=z>"
RAISING = """\
import torch


class Net(torch.nn.Module):
    def forward(self, x):
        raise ValueError({text!r})


model = Net()
example_args = (torch.ones(2),)
"""


def test_nothing_is_imported_from_the_working_directory(command: Command, tmp_path: Path) -> None:
    mark = tmp_path / "imported"
    for name in NAMES:
        command.write(f"{name}.py", HOSTILE.format(mark=str(mark)))
    assert command("--version").code == 0
    assert command("explain", "graph-break").code == 0
    assert not mark.exists()


@pytest.fixture
def hostile(command: Command, tmp_path: Path) -> Path:
    """Return a file that exists once anything of the workspace folder has run."""
    mark = tmp_path / "ran"
    for name in ("torch", "json", "sitecustomize"):
        command.write(f"{name}.py", HOSTILE.format(mark=str(mark)))
    for name in (".venv/bin/python", "python3"):
        script = command.write(name, f'#!/bin/sh\ntouch {mark}\nexec {command.python} "$@"\n')
        script.chmod(0o755)
    return mark


@pytest.mark.parametrize(
    ("settings", "search_path"),
    [
        ("", ""),
        ('[tool.export-lsp]\ninterpreter = ".venv/bin/python"\n', ""),
        ('[tool.export-lsp]\ninterpreter = "python3"\n', ":.:"),
    ],
    ids=["environment of the folder", "interpreter in pyproject.toml", "relative search path"],
)
def test_doctor_runs_nothing_of_a_folder_that_is_not_trusted(
    command: Command, hostile: Path, settings: str, search_path: str
) -> None:
    command.write("pyproject.toml", settings)
    command.environment["PATH"] = search_path + command.environment["PATH"]
    outcome = command("doctor")
    assert outcome.code == 2
    assert "is not trusted" in outcome.stderr
    assert "timeout" in outcome.stdout
    assert not hostile.exists()


def test_doctor_starts_the_interpreter_of_a_trusted_folder(command: Command, hostile: Path) -> None:
    answers = Path(command.environment["XDG_STATE_HOME"]) / "export-lsp" / ANSWERS
    TrustStore(answers).remember(command.folder, True)
    outcome = command("doctor")
    assert (outcome.code, outcome.stderr) == (0, "")
    assert hostile.exists()


def test_doctor_imports_nothing_from_the_working_directory(command: Command, hostile: Path) -> None:
    outcome = command("doctor", "--python", command.python)
    assert (outcome.code, outcome.stderr) == (0, "")
    assert not hostile.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("owned", ["the file", "a link", "a folder above"])
def test_settings_of_another_user_are_not_used(command: Command, hostile: Path, owned: str) -> None:
    above = command.folder / "above"
    folder = above / "below" if owned == "a folder above" else above
    folder.mkdir(parents=True)
    (folder / "model.py").write_text(GUARD)
    settings = above / "pyproject.toml"
    text = '[tool.export-lsp]\ninterpreter = "../.venv/bin/python"\n'
    if owned == "a link":
        target = command.write("mine.toml", text)
        settings.symlink_to(target)
    else:
        settings.write_text(text)
    os.chown(settings, 65534, 65534, follow_symlinks=False)
    if owned == "a folder above":
        os.chown(above, 65534, 65534)
    command.environment["VIRTUAL_ENV"] = str(command.python.parents[1])
    outcome = command("check", folder / "model.py")
    assert outcome.code == 1
    assert f"warning: {settings} is not used" in outcome.stderr
    assert "another user" in outcome.stderr
    assert not hostile.exists()


def test_there_is_no_network(command: Command, tmp_path: Path) -> None:
    log = log_connections(command.environment, tmp_path)
    command.write("model.py", GUARD)
    assert command.check("--fix").code in (0, 1)
    assert connections(log) == []
    code = "import socket; socket.socket().connect_ex(('127.0.0.1', 9))"
    subprocess.run([sys.executable, "-c", code], env=command.environment, check=True)
    assert len(connections(log)) == 1


def test_text_of_a_model_does_not_control_the_terminal(command: Command) -> None:
    command.write("model.py", RAISING.format(text=CONTROLLING))
    results = command.check("--output-format", "sarif").json()["runs"][0]["results"]
    assert not any("](command:" in result["message"]["text"] for result in results)
    for form in ("text", "github", "gitlab", "sarif", "junit", "json"):
        outcome = command.check("--output-format", form)
        assert outcome.code == 1
        written = outcome.stdout + outcome.stderr
        assert "evil" in written
        assert "\x1b" not in written
        if form in ("text", "github"):  # the other formats are data
            assert "\u202e" not in written
            assert not any(line.startswith("::error::") for line in written.splitlines())


def test_a_fix_does_not_follow_a_link_out_of_the_folder(command: Command, tmp_path: Path) -> None:
    outside = tmp_path / "outside.py"
    outside.write_text(GUARD)
    command.write("other.py", GUARD)
    (command.folder / "model.py").symlink_to(outside)
    outcome = command.check("--fix")
    assert outside.read_text() == GUARD
    assert (command.folder / "other.py").read_text() != GUARD, outcome.stdout
