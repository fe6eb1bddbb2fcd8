"""Workspace files in which a check finds what their text says, and what that is.

A file's text is a `Text`; what a check of it finds is `fresh`, a pure function of what is on disk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

TARGET = "example_args = ()"
IMPORT = "import shared"
READ = "open('data.txt')"
CRASH = "crash()"
PROBLEM = re.compile(r"^problem\((\d+)\)", re.M)


@dataclass(frozen=True)
class Text:
    """What a file says: whether it is a target, imports the shared module, reads the data, ends its
    process; its problem, 0 for none; and a comment, which changes nothing."""

    target: bool = True
    imports: bool = False
    reads: bool = False
    crashes: bool = False
    problem: int = 0
    comment: int = 0

    def __str__(self) -> str:
        lines = [f"# {self.comment}" for _ in range(self.comment)]
        lines += [TARGET] if self.target else []
        lines += [IMPORT] if self.imports else []
        lines += [READ] if self.reads else []
        lines += [f"problem({self.problem})"] if self.problem else []
        lines += [CRASH] if self.crashes else []
        return "\n".join([*lines, ""])


@dataclass(frozen=True, order=True)
class Said:
    """A finding: the file and the line (from 0) it is at, and its words."""

    file: str
    line: int
    words: str


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n")


def read_by(files: Mapping[str, str], owner: str) -> list[str]:
    """The files that a check of `owner` reads, of those that there are."""
    text = files[owner]
    wanted = [owner, *(["shared.py"] if IMPORT in text else [])]
    wanted += ["data.txt"] if READ in text else []
    return [name for name in wanted if name in files]


def fresh(files: Mapping[str, str], owner: str) -> list[Said]:
    """What a check of a file finds, before it ends its process if it does."""
    text = files[owner]
    found = [_problem(owner, text)]
    if IMPORT in text:
        line = line_of(text, IMPORT)
        shared = files.get("shared.py")
        found.append(
            Said(owner, line, "No module named 'shared'")
            if shared is None
            else _problem("shared.py", shared)
        )
    if READ in text:
        found.append(Said(owner, line_of(text, READ), f"data {files.get('data.txt', 'none')}"))
    return [said for said in found if said is not None]


def crashes(files: Mapping[str, str], owner: str) -> bool:
    return CRASH in files[owner]


def _problem(name: str, text: str) -> Said | None:
    match = PROBLEM.search(text)
    return Said(name, line_of(text, match[0]), f"problem {match[1]}") if match else None


def shown(files: Mapping[str, str], owners: set[str], opened: set[str]) -> dict[str, set[Said]]:
    """What an editor shows of these owners once all is quiet: what a fresh check finds, in open
    files and from open files."""
    found: dict[str, set[Said]] = {}
    for owner in owners & files.keys():
        if TARGET not in files[owner]:
            continue
        for said in fresh(files, owner):
            if {said.file, owner} & opened:
                found.setdefault(said.file, set()).add(said)
    return found
