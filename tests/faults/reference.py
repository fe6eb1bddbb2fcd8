"""Workspace files in which a check finds what their text says, and what that is.

A file's text is a `Text`; what a check of it finds is `fresh`, a pure function of what is on disk.
Files are named by their paths in the outer of the two workspace folders.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

TARGET = "example_args = ()"
IMPORT = "import shared"
IMPORT_INNER = "import inner.three"
READ = "open('data.txt')"
CRASH = "crash()"
PROBLEM = re.compile(r"^problem\((\d+)\)", re.M)
LATE = re.compile(r"^late\((\d+)\)", re.M)

# The two workspace folders, one in the other: the inner one's files are not the outer one's.
OUTER, INNER = "", "inner"
INNER_MODULE = f"{INNER}/three.py"


@dataclass(frozen=True)
class Text:
    """What a file says: whether it is a target, imports the shared module or one of the inner
    folder, reads the data, ends its process; its problem, 0 for none, and one that only a late
    stage finds; and a comment, which changes nothing."""

    target: bool = True
    imports: bool = False
    imports_inner: bool = False
    reads: bool = False
    crashes: bool = False
    problem: int = 0
    late: int = 0
    comment: int = 0

    def __str__(self) -> str:
        lines = [TARGET] if self.target else []
        lines += [IMPORT] if self.imports else []
        lines += [IMPORT_INNER] if self.imports_inner else []
        lines += [READ] if self.reads else []
        lines += [f"problem({self.problem})"] if self.problem else []
        lines += [f"late({self.late})"] if self.late else []
        lines += [CRASH] if self.crashes else []
        return commented("\n".join([*lines, ""]), self.comment)


@dataclass(frozen=True)
class Configuration:
    """The settings that make a difference: whether the late stage is left out, what its rule finds
    is not shown, and a file is excluded."""

    early_only: bool = False
    silent: bool = False
    excluded: str | None = None


@dataclass(frozen=True, order=True)
class Said:
    """A finding: the file and the line (from 0) it is at, and its words."""

    file: str
    line: int
    words: str


def commented(text: str, comment: int) -> str:
    """A text with so many lines of comment in front, instead of those that it has."""
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("#")]
    return "".join([f"# {comment}\n"] * comment + lines)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n")


def home_of(name: str, folders: Collection[str]) -> str | None:
    """The innermost of the workspace folders that a file is in."""
    around = [OUTER, *(str(parent) for parent in PurePosixPath(name).parents if str(parent) != ".")]
    return max((folder for folder in around if folder in folders), key=len, default=None)


def read_by(files: Mapping[str, str], owner: str, folder: str) -> list[str]:
    """The files that a check of `owner` in a folder reads, of those that there are."""
    text = files[owner]
    wanted = [owner, *([_in(folder, "shared.py")] if IMPORT in text else [])]
    wanted += [INNER_MODULE] if _imports_inner(text, folder) else []
    wanted += [_in(folder, "data.txt")] if READ in text else []
    return [name for name in wanted if name in files]


def fresh(files: Mapping[str, str], owner: str, folder: str, *, late: bool) -> Iterator[Said]:
    """What a check of a file in a folder finds, before it ends its process if it does."""
    text = files[owner]
    yield from _problems(owner, text, PROBLEM)
    if IMPORT in text:
        shared = _in(folder, "shared.py")
        if shared in files:
            yield from _problems(shared, files[shared], PROBLEM)
        else:
            yield Said(owner, line_of(text, IMPORT), "No module named 'shared'")
    if _imports_inner(text, folder):
        if INNER_MODULE in files:
            yield from _problems(INNER_MODULE, files[INNER_MODULE], PROBLEM)
        else:
            yield Said(owner, line_of(text, IMPORT_INNER), "No module named 'inner.three'")
    if READ in text:
        data = files.get(_in(folder, "data.txt"), "none")
        yield Said(owner, line_of(text, READ), f"data {data}")
    if late:
        yield from _problems(owner, text, LATE)


def crashes(files: Mapping[str, str], owner: str) -> bool:
    return CRASH in files[owner]


def _imports_inner(text: str, folder: str) -> bool:
    return IMPORT_INNER in text and folder == OUTER


def _in(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _problems(name: str, text: str, kind: re.Pattern[str]) -> Iterator[Said]:
    for match in kind.finditer(text):
        word = "late problem" if kind is LATE else "problem"
        yield Said(name, line_of(text, match[0]), f"{word} {match[1]}")


@dataclass(frozen=True)
class Scenery:
    """All that what is shown depends on.

    `opened` are the texts in the editor, `trusted` those of the workspace folders `folders` whose
    code may be run, `asked` the closed files that the user wanted checked.
    """

    on_disk: Mapping[str, str]
    opened: Mapping[str, str]
    folders: Collection[str]
    trusted: Collection[str]
    asked: Collection[str]
    configuration: Configuration

    def shown(self, owners: Collection[str]) -> dict[str, set[Said]]:
        """What an editor shows of these owners once all is quiet: what a fresh check finds, in open
        files and from open files, where it is in the text as it is in the editor."""
        found: dict[str, set[Said]] = {}
        for owner in owners:
            if owner not in self.on_disk or TARGET not in self.on_disk[owner]:
                continue
            for said in self._of(owner):
                if {said.file, owner} & self.opened.keys() or owner in self.asked:
                    found.setdefault(said.file, set()).add(said)
        return found

    def _of(self, owner: str) -> Iterator[Said]:
        folder, configuration = home_of(owner, self.folders), self.configuration
        if folder is None or (folder == OUTER and owner == configuration.excluded):
            return
        if folder not in self.trusted:
            if owner in self.opened:
                yield Said(owner, 0, HINT)
            return
        late = not configuration.early_only and not configuration.silent
        for said in fresh(self.on_disk, owner, folder, late=late):
            yield self._moved(said)

    def _moved(self, said: Said) -> Said:
        text = self.on_disk[said.file].splitlines()[said.line]
        now = self.opened.get(said.file, self.on_disk[said.file])
        return Said(said.file, now.splitlines().index(text), said.words)


HINT = "Checking is off here"
