"""The files of a workspace do not affect the command, the terminal or other files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
    for form in ("text", "github", "sarif", "junit", "json"):
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
