"""Pages whose commands are run in order, in a folder with the files that they show.

A file is a block whose first line ends in ``title="NAME"``.  A command is the first line of a block
of the language ``console``, after ``$ ``; what it prints on stdout follows.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

_BLOCK = re.compile(
    r'^```python title="(?P<file>[\w.]+)"\n(?P<text>(?:.*\n)*?)```$'
    r"|^```console\n\$ (?P<command>.+)\n(?P<output>(?:.*\n)*?)```$",
    re.MULTILINE,
)
# The subcommands of export-lsp that take the interpreter of the tests.
_SUBCOMMANDS_WITH_TORCH = ("check", "show")
SECONDS = 300


def played(page: str, folder: Path, environment: Mapping[str, str], without: str = "") -> str:
    """Run the commands of a page; return the page with what they print now.

    Args:
        page: Markdown.
        folder: an empty folder, which gets the page's files and those that the commands write.
        environment: the environment of the commands.
        without: commands that contain this text are left out, and keep their output.
    """
    parts: list[str] = []
    place = 0
    for block in _BLOCK.finditer(page):
        if block["file"]:
            (folder / block["file"]).write_text(block["text"], encoding="utf-8")
        elif not without or without not in block["command"]:
            start, end = block.span("output")
            parts += [page[place:start], _output(block["command"], folder, environment)]
            place = end
    return "".join([*parts, page[place:]])


def commands(page: str) -> Iterator[str]:
    """Return the commands of a page."""
    return (block["command"] for block in _BLOCK.finditer(page) if block["command"])


def _output(command: str, folder: Path, environment: Mapping[str, str]) -> str:
    program, *arguments = shlex.split(command)
    if program == "export-lsp":
        asked = ["--python", sys.executable] if arguments[0] in _SUBCOMMANDS_WITH_TORCH else []
        arguments = ["-m", "export_lsp", arguments[0], *asked, *arguments[1:]]
    elif program != "python":
        raise ValueError(f"{program} is neither export-lsp nor python")
    ended = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=dict(environment),
        capture_output=True,
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )
    if ended.returncode not in (0, 1) or "Traceback (most recent call last)" in ended.stderr:
        raise RuntimeError(f"{command}\n{ended.stderr}")
    return ended.stdout
