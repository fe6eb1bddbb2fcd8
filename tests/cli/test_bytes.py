"""Names and files that are no text, in every output format and in patches."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import pytest

from tests.cli.command import Command
from tests.file_permissions import obeying_permissions
from tests.server.models import GUARD, GUARD_TEXT

CONTROLLING = b"a\x1b]0;owned\x07\x1b[31m\n::error::owned.py"
COMMAND = b"::error::first.py"
REVERSED = "\u202egpj\u2028.py".encode()
PUNCTUATION = b"%0A,:[x](y)`'\".py"
NAMES = (CONTROLLING, COMMAND, REVERSED, PUNCTUATION)
NOT_UTF_8 = b"caf\xe9.py"


@pytest.fixture
def folder(command: Command) -> Path:
    """Return a workspace folder with files of these names, and with what is no file."""
    folder = command.folder
    for name in (*NAMES, NOT_UTF_8):
        (folder / os.fsdecode(name)).write_text(GUARD)
    os.mkfifo(folder / "pipe.py")
    (folder / "loop.py").symlink_to("loop.py")
    (folder / "nothing.py").symlink_to("missing")
    (folder / "folder.py").mkdir()
    (folder / "below").mkdir()
    (folder / "below" / "up").symlink_to("..")
    return folder


def test_names_in_all_output_formats(command: Command, folder: Path) -> None:
    for form in ("text", "github", "gitlab", "json", "junit", "sarif"):
        outcome = command.check("--mode", "non-strict", "--output-format", form, "-o", "out")
        assert (outcome.code, outcome.stderr) == (1, "")
        data = (folder / "out").read_bytes()
        text = data.decode()
        assert "\x1b" not in text
        assert "\x07" not in text
        assert text.count("GuardOnDataDependentSymNode") in (0, 4, 8)
        if form in ("text", "github"):
            assert "\u202e" not in text
            commands = [line for line in text.split("\n") if line.startswith("::")]
            assert len(commands) == (5 if form == "github" else 0)
            assert not any(line.startswith("::error::") for line in commands)
            assert "caf\\xe9.py`" in text
        elif form == "json":
            assert "\\ud" not in text.lower()
            assert {each["filename"] for each in json.loads(text)} == {
                bytes(folder / os.fsdecode(name)).decode("utf-8", "replace")
                for name in (*NAMES, NOT_UTF_8)
            }
        elif form == "gitlab":
            assert "\\ud" not in text.lower()
            assert len({each["location"]["path"] for each in json.loads(text)}) == 5
        elif form == "junit":
            assert len(ElementTree.fromstring(text).findall(".//failure")) == 5
        else:
            results = json.loads(text)["runs"][0]["results"]
            places = [each["locations"][0]["physicalLocation"] for each in results]
            uris = {each["artifactLocation"]["uri"] for each in places}
            assert {unquote_to_bytes(uri) for uri in uris} == {*NAMES, NOT_UTF_8}


def test_a_patch_and_fixes_of_such_files(command: Command, folder: Path) -> None:
    outcome = command.check("--mode", "non-strict", "--diff")
    assert "\x1b" not in outcome.stdout
    applied = subprocess.run(
        ["git", "apply", "--check", "-p0"],
        cwd=folder,
        input=outcome.stdout,
        text=True,
        capture_output=True,
        check=False,
    )
    assert applied.returncode == 0, applied.stderr
    outcome = command.check("--mode", "non-strict", "--fix")
    assert "Fixed 4 problems in 4 files." in outcome.stderr
    for name in NAMES:
        assert "torch._check(" in (folder / os.fsdecode(name)).read_text()
    assert (folder / os.fsdecode(NOT_UTF_8)).read_text() == GUARD


def test_a_fix_keeps_the_encoding_and_the_line_ends(command: Command) -> None:
    file = command.folder / "model.py"
    data = f"# coding: cp932\n# \u3042\n{GUARD}".replace("\n", "\r\n").encode("cp932")
    data = data.rstrip() + b"  # \xee\xf9"
    file.write_bytes(data)
    other = command.folder / "other.py"
    other.hardlink_to(file)
    outcome = command.check("--mode", "non-strict", "--fix", "model.py")
    assert outcome.code == 0, outcome.stdout + outcome.stderr
    before, _, after = file.read_bytes().partition(b"        torch._check(picked.shape[0] > 0)\r\n")
    assert before + after == data
    assert other.samefile(file)
    assert GUARD_TEXT.encode() in after


@pytest.mark.parametrize("name", ["pipe.py", "loop.py", "nothing.py"])
def test_what_is_no_file_is_named(command: Command, folder: Path, name: str) -> None:
    outcome = command.check(name)
    assert outcome.code == 2
    reason = "is neither a regular file nor a folder" if name == "pipe.py" else "does not exist"
    assert outcome.stderr == f"error: {name} {reason}.\n"


@pytest.mark.parametrize("name", ["closed.py", "closed"])
def test_what_cannot_be_read_is_named_and_the_rest_is_checked(command: Command, name: str) -> None:
    command.write("model.py", GUARD)
    path = command.folder / name
    path.mkdir() if name == "closed" else path.write_text(GUARD)
    path.chmod(0)
    command.launcher = obeying_permissions()
    outcome = command.check("--mode", "non-strict")
    path.chmod(0o700)
    assert outcome.code == 2
    assert f"error: {path} cannot be read: Permission denied.\n" in outcome.stderr
    assert "model.py:7" in outcome.stdout


def test_a_report_is_written_as_a_whole(command: Command) -> None:
    command.write("model.py", GUARD)
    report = command.write("report.json", "before")
    command.environment["TMPDIR"] = str(command.folder)
    options = ["--output-format", "sarif", "--mode", "non-strict", "-o", str(report)]
    options += ["--python", str(command.python)]
    python = str(command.python)
    outcome = command.run(
        ["bash", "-c", f'ulimit -f 1; exec {python} -m export_lsp check "$@"', "", *options]
    )
    assert outcome.code == 2, outcome.stderr
    assert f"{report} cannot be written: " in outcome.stderr
    assert report.read_text() == "before"
