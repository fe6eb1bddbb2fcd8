"""``export-lsp check`` on many files: what is remembered, what ends it early, what is left out."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.command import SECONDS, Command
from tests.cli.test_check import BRANCH, CLEAN, HANGS_IN_EAGER, LAYERS, MODEL
from tests.server.editor import ROOT, Editor

DATA = """\
from pathlib import Path

import torch

size = int(Path(__file__).with_name("size.txt").read_text())
model = torch.nn.Linear(size, 2)
example_args = (torch.randn(3, size),)
"""
REMEMBERED = "the results of {} of {} files are remembered"
STARTED = "starting a worker host"


@contextmanager
def running(command: Command, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run ``export-lsp check --verbose`` until it ends, or the block does."""
    process = subprocess.Popen(
        [command.python, "-m", "export_lsp", "check", "--python", command.python, "-v", *arguments],
        cwd=command.folder,
        env=command.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def wait_for(process: subprocess.Popen[str], text: str) -> None:
    """Wait until a line of stderr contains a text."""
    assert process.stderr is not None
    assert any(text in line for line in process.stderr)


# --- remembered results ---------------------------------------------------------------------------


def test_a_second_check_of_the_same_files_starts_nothing(command: Command) -> None:
    command.write("layers.py", LAYERS)
    command.write("model.py", MODEL)
    command.write("clean.py", CLEAN)
    first = command.check("-v", "--output-format", "json", "--verdicts")
    assert STARTED in first.stderr
    second = command.check("-v", "--output-format", "json", "--verdicts")
    assert REMEMBERED.format(2, 2) in second.stderr
    assert STARTED not in second.stderr
    assert (second.code, second.stdout) == (first.code, first.stdout) == (1, first.stdout)
    assert "fix" in first.json()["problems"][0]
    again = command.check("-v", "--no-cache")
    assert STARTED in again.stderr


def test_a_result_is_not_used_if_something_has_changed_that_it_rests_on(command: Command) -> None:
    command.write("size.txt", "4")
    command.write("data.py", DATA)
    layers = command.write("layers.py", LAYERS)
    command.write("model.py", MODEL)
    assert command.check().code == 1
    command.write("size.txt", "5")
    assert REMEMBERED.format(1, 2) in command.check("-v").stderr
    layers.write_text(LAYERS.replace("        for index", "        index = 0\n        for index"))
    assert REMEMBERED.format(1, 2) in command.check("-v").stderr
    assert REMEMBERED.format(0, 2) in command.check("-v", "--mode", "strict").stderr


def test_remembered_results_serve_formats_without_fixes_and_fixes_that_are_written(
    command: Command,
) -> None:
    file = command.write("branch.py", BRANCH)
    command.write("clean.py", CLEAN)
    command.check()
    without_fixes = command.check("-v", "--output-format", "github")
    assert REMEMBERED.format(2, 2) in without_fixes.stderr
    assert "file=branch.py" in without_fixes.stdout
    fixed = command.check("-v", "--fix")
    assert REMEMBERED.format(1, 2) in fixed.stderr
    assert "Fixed 1 problem in 1 file." in fixed.stderr
    assert file.read_text() != BRANCH
    assert fixed.code == 0


async def test_an_editor_finds_the_results_of_the_command(command: Command) -> None:
    file = command.write("branch.py", BRANCH)
    (command.folder / "pyproject.toml").write_text("[tool.export-lsp]\n")
    editor = Editor("vscode-1.139", command.environment)
    command.environment = {**command.environment, "PYTHONPATH": str(ROOT)}  # as the editor's
    result = await asyncio.to_thread(command.check)
    assert result.code == 1
    await editor.start([command.folder], {"trusted": True, "interpreter": str(command.python)})
    editor.open(file)
    await editor.wait_until(lambda: editor.raw(file) and editor.recalled == 1)
    await editor.stop()


# --- ends -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_check_with_the_results_so_far(
    command: Command, number: signal.Signals, code: int
) -> None:
    command.write("branch.py", BRANCH)
    command.write("hangs.py", HANGS_IN_EAGER)
    with running(command, "-j", "2", "--output-format", "github") as process:
        wait_for(process, "branch.py: checked")
        process.send_signal(number)
        output, errors = process.communicate(timeout=SECONDS)
    assert process.returncode == code
    assert "file=branch.py" in output
    assert "1 of 2 files was not checked to the end." in errors
    assert "Traceback" not in errors


def test_a_check_ends_after_its_time(command: Command) -> None:
    command.write("hangs.py", HANGS_IN_EAGER)
    baseline = command.folder / "known.json"
    result = command.check("--max-time", "1", "--write-baseline", baseline)
    assert result.code == 2
    assert "--max-time 1: 1 of 1 file was not checked to the end." in result.stderr
    assert "1 file not checked to the end" in result.stdout
    assert not baseline.exists()


def test_on_a_terminal_problems_come_before_the_last_check_has_ended(command: Command) -> None:
    command.write("branch.py", BRANCH)
    command.write("hangs.py", HANGS_IN_EAGER)
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [command.python, "-m", "export_lsp", "check", "--python", command.python, "-j", "2"],
        cwd=command.folder,
        env={**command.environment, "TERM": "xterm", "NO_COLOR": "1", "COLUMNS": "200"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = ""
    while not re.search(r"branch\.py:\d+:\d+: fix: ", shown):
        shown += plain(os.read(ours, 1 << 16))
    assert shown.index("error[data-dependent-branch]") < shown.index(": fix: ")
    process.send_signal(signal.SIGINT)
    while chunk := _read(ours):
        shown += plain(chunk)
    assert process.wait(SECONDS) == 130
    os.close(ours)
    assert shown.count("error[data-dependent-branch]") == 1
    assert "Found 1 problem (1 error)" in shown


def plain(data: bytes) -> str:
    """Return what a terminal was sent, without its control sequences."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", data.decode(errors="replace"))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # the other end is closed
        return b""


# --- --changed-since ------------------------------------------------------------------------------


@pytest.fixture
def repository(command: Command) -> Command:
    """Return a command in a repository with two models, one of which imports a module."""
    command.write("layers.py", LAYERS)
    command.write("model.py", MODEL)
    command.write("clean.py", CLEAN)
    command.write("size.txt", "4")
    command.write("data.py", DATA)
    for arguments in (
        ["init", "--quiet"],
        ["add", "."],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "first"],
    ):
        assert command.run(["git", *arguments]).code == 0
    return command


def checked_since(command: Command, revision: str, *arguments: str) -> set[str]:
    """Return the names of the files that a check since a revision has checked."""
    wanted = ["--changed-since", revision, "--output-format", "json", "--verdicts"]
    result = command.check(*wanted, "--allow-empty", *arguments)
    return {Path(each["filename"]).name for each in result.json()["verdicts"]}


def test_changes_reach_the_files_that_import_what_has_changed(repository: Command) -> None:
    assert checked_since(repository, "HEAD") == set()
    repository.write("layers.py", f"# A comment.\n{LAYERS}")
    assert checked_since(repository, "HEAD") == {"model.py"}
    repository.write("new.py", CLEAN)
    assert checked_since(repository, "HEAD") == {"model.py", "new.py"}


def test_changes_reach_the_files_whose_last_results_rest_on_data(repository: Command) -> None:
    repository.write("size.txt", "5")
    assert checked_since(repository, "HEAD") == set()  # no import statement names it
    repository.check()
    repository.write("size.txt", "6")
    assert checked_since(repository, "HEAD") == {"data.py"}
    assert checked_since(repository, "HEAD", "--no-cache") == set()


def test_a_change_of_the_settings_reaches_all_files(repository: Command) -> None:
    repository.write("pyproject.toml", "[tool.export-lsp]\n")
    assert checked_since(repository, "HEAD") == {"clean.py", "data.py", "model.py"}


def test_changes_are_asked_of_git(repository: Command) -> None:
    result = repository.check("--changed-since", "no-such-branch")
    assert result.code == 2
    assert "no-such-branch is no revision of the repository" in result.stderr


def test_changes_without_a_repository(command: Command) -> None:
    command.write("clean.py", CLEAN)
    result = command.check("--changed-since", "HEAD")
    assert result.code == 2
    assert "Git says of" in result.stderr
