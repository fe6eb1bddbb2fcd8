"""``export-lsp check --fix`` and ``--diff``, and fixes in the output formats."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.cli.command import Command
from tests.file_permissions import obeying_permissions
from tests.server.models import GUARD

TESTS = Path(__file__).parents[1]
CHECK = "torch._check(picked.shape[0] > 0)"


@pytest.fixture
def guard(command: Command) -> Path:
    """Return a file with a byte order mark and CRLF line ends that has one guard."""
    file = command.folder / "guard.py"
    file.write_bytes(b"\xef\xbb\xbf" + GUARD.replace("\n", "\r\n").encode())
    return file


def test_fixes_are_shown(command: Command, guard: Path) -> None:
    before = guard.read_bytes()
    shown = command.check(guard)
    assert f"fix: Insert `{CHECK}`: the export succeeds" in shown.stdout
    assert "1 fixable with `--fix`" in shown.stdout
    [problem] = command.check("--output-format", "json", guard).json()
    assert problem["fix"]["applicability"] == "safe"
    assert problem["fix"]["message"] == f"Insert `{CHECK}`: the export succeeds"
    [edit] = problem["fix"]["edits"]
    assert edit["content"] == f"        {CHECK}\r\n"
    assert edit["location"] == edit["end_location"] == {"row": 7, "column": 1}
    assert [fix["proof"] for fix in problem["fixes"]] == ["exports"]
    assert guard.read_bytes() == before


def test_fixes_in_sarif(command: Command, guard: Path) -> None:
    [run] = command.check("--output-format", "sarif", guard).json()["runs"]
    [fix] = run["results"][0]["fixes"]
    [change] = fix["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "guard.py"
    [replacement] = change["replacements"]
    assert CHECK in replacement["insertedContent"]["text"]
    assert replacement["deletedRegion"]["startLine"] == 7


def test_a_diff_writes_nothing_and_a_fix_is_complete(command: Command, guard: Path) -> None:
    before = guard.read_bytes()
    diff = command.check("--diff", guard)
    assert diff.code == 1
    assert "--- guard.py" in diff.stdout
    assert f"+        {CHECK}" in diff.stdout
    assert guard.read_bytes() == before
    guard.chmod(0o640)
    fixed = command.check("--fix", guard)
    assert fixed.code == 0
    assert "Fixed 1 problem in 1 file." in fixed.stderr
    check = f"        {CHECK}\r\n".encode()
    lines = before.splitlines(keepends=True)
    assert guard.read_bytes() == b"".join([*lines[:6], check, *lines[6:]])
    assert guard.stat().st_mode & 0o777 == 0o640
    again = command.check("--fix", guard)
    assert (again.code, again.stderr) == (0, "")
    assert command.check("--diff", guard).stdout == ""


@pytest.mark.parametrize(
    ("package", "fixed"),
    [
        ("five_guards", "Fixed 5 problems in 2 files."),
        ("five_failures", "Fixed 5 problems in 1 file."),
    ],
)
def test_five_failures_in_one_command(command: Command, package: str, fixed: str) -> None:
    for file in (TESTS / package).glob("*.py"):
        shutil.copy(file, command.folder)
    model = command.folder / "model.py"
    outcome = command.check("--fix", model)
    assert fixed in outcome.stderr
    assert outcome.code == 0
    assert outcome.stdout.startswith("No problems found")
    before = model.read_bytes()
    assert command.check("--fix", model).stderr == ""
    assert model.read_bytes() == before


def test_a_file_that_cannot_be_written(command: Command, guard: Path) -> None:
    guard.chmod(0o444)
    command.launcher = obeying_permissions()
    fixed = command.check("--fix", guard)
    assert fixed.code == 2
    assert "guard.py cannot be written: Permission denied." in fixed.stderr
