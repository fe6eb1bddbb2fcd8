"""The command ``export-lsp`` in a process of its own."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SECONDS = 240


@dataclass(frozen=True)
class CommandResult:
    """The exit status and the output of a command."""

    code: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        return json.loads(self.stdout)


@dataclass
class Command:
    """Runs ``export-lsp`` in a working directory, which is also the workspace folder.

    The program `launcher` runs it, if there is one.
    """

    folder: Path
    python: Path
    environment: dict[str, str] = field(default_factory=dict)
    launcher: tuple[str, ...] = ()

    def write(self, name: str, text: str) -> Path:
        """Write a file into the workspace folder."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def __call__(self, *arguments: str | Path, by: Path | None = None) -> CommandResult:
        """Run the command with the interpreter `by`, by default that of the tests."""
        python = str(by or self.python)
        return self.run([*self.launcher, python, "-m", "export_lsp", *map(str, arguments)])

    def check(self, *arguments: str | Path) -> CommandResult:
        """Run ``export-lsp check`` with the torch of the tests."""
        return self("check", "--python", self.python, *arguments)

    def run(self, command: Sequence[str]) -> CommandResult:
        """Run any command; fail if it writes a traceback."""
        ended = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=SECONDS,
            encoding="utf-8",
            check=False,
        )
        assert "Traceback (most recent call last)" not in ended.stderr, ended.stderr
        return CommandResult(ended.returncode, ended.stdout, ended.stderr)
