"""The oracle of the schedule tests: small file texts, and the findings that must be shown for them.

A file's text is a `Text`.  `fresh_check` gives the findings of a check as a pure function of the
files on disk, and `WorkspaceState.shown` what an editor must show once nothing is running.  Files
are named by their paths in the outer of the two workspace folders.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from export_lsp.observed import Aspect

TARGET = "example_args = ()"
IMPORT = "import shared"
IMPORT_INNER = "import inner.three"
IMPORT_OUTSIDE = "import outside"
READ = "open('data.txt')"
ASK = "exists('flag.txt')"
MODE = "environ['SCHEDULE_MODE']"
CRASH = "crash()"
PROBLEM = re.compile(r"^problem\((\d+)\)", re.M)
LATE = re.compile(r"^late\((\d+)\)", re.M)

# The two workspace folders. The inner one's files do not belong to the outer one.
OUTER, INNER = "", "inner"
INNER_MODULE = f"{INNER}/three.py"
# A module that both folders import, and files that a check reads or asks for; no editor opens them.
OUTSIDE = "../outside/outside.py"
UNSEEN = ("data.txt", "flag.txt", OUTSIDE)


@dataclass(frozen=True)
class Text:
    """The text of a file, by what a check does with it.

    Attributes:
        target: it declares a target.
        imports: it imports ``shared.py``.
        imports_inner: it imports the module in the inner folder.
        imports_outside: it imports a module outside of both folders.
        reads: it reads ``data.txt``.
        asks: it asks whether there is a ``flag.txt``.
        mode: it reads a variable of the environment.
        crashes: it crashes its run.
        problem: the number of its problem; 0 for none.
        late: the number of a problem that only a late stage finds; 0 for none.
        comment: how many comment lines it has at its top, which do not change the findings.
    """

    target: bool = True
    imports: bool = False
    imports_inner: bool = False
    imports_outside: bool = False
    reads: bool = False
    asks: bool = False
    mode: bool = False
    crashes: bool = False
    problem: int = 0
    late: int = 0
    comment: int = 0

    def __str__(self) -> str:
        lines = [TARGET] if self.target else []
        lines += [IMPORT] if self.imports else []
        lines += [IMPORT_INNER] if self.imports_inner else []
        lines += [IMPORT_OUTSIDE] if self.imports_outside else []
        lines += [READ] if self.reads else []
        lines += [ASK] if self.asks else []
        lines += [MODE] if self.mode else []
        lines += [f"problem({self.problem})"] if self.problem else []
        lines += [f"late({self.late})"] if self.late else []
        lines += [CRASH] if self.crashes else []
        return commented("\n".join([*lines, ""]), self.comment)


@dataclass(frozen=True)
class Configuration:
    """The settings that change the findings.

    Attributes:
        early_only: the late stage is not run.
        silent: the rule of the late stage's findings is off.
        excluded: the excluded file, if any.
    """

    early_only: bool = False
    silent: bool = False
    excluded: str | None = None


@dataclass(frozen=True, order=True)
class SimpleFinding:
    """A finding reduced to its file, its 0-based line and its message."""

    file: str
    line: int
    words: str


def commented(text: str, comment: int) -> str:
    """Replace the comment lines of a text by this many, at its top."""
    lines = [line for line in text.splitlines(keepends=True) if not line.startswith("#")]
    return "".join([f"# {comment}\n"] * comment + lines)


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n")


def innermost_folder(name: str, folders: Collection[str]) -> str | None:
    """Return the innermost of the workspace folders that contain a file."""
    around = [OUTER, *(str(parent) for parent in PurePosixPath(name).parents if str(parent) != ".")]
    return max((folder for folder in around if folder in folders), key=len, default=None)


def files_read(files: Mapping[str, str], owner: str, folder: str) -> list[str]:
    """Return the existing files that a check of `owner` in a folder reads."""
    text = files[owner]
    wanted = [owner, *([_in(folder, "shared.py")] if IMPORT in text else [])]
    wanted += [INNER_MODULE] if _imports_inner(text, folder) else []
    return [name for name in wanted if name in files]


def looked_at(text: str, folder: str) -> Iterator[tuple[Aspect, str]]:
    """Yield what a check of a text looks at in a folder, besides the user's Python files."""
    if READ in text:
        yield "content", _in(folder, "data.txt")
    if ASK in text:
        yield "kind", _in(folder, "flag.txt")
    if IMPORT_OUTSIDE in text:
        yield "content", OUTSIDE


def fresh_check(
    files: Mapping[str, str], owner: str, folder: str, *, late: bool
) -> Iterator[SimpleFinding]:
    """Yield the findings of a check of `owner` in a folder; if it crashes, those before that.

    Args:
        late: run the late stage too.
    """
    text = files[owner]
    yield from _problems(owner, text, PROBLEM)
    if IMPORT in text:
        shared = _in(folder, "shared.py")
        if shared in files:
            yield from _problems(shared, files[shared], PROBLEM)
        else:
            yield SimpleFinding(owner, line_of(text, IMPORT), "No module named 'shared'")
    if _imports_inner(text, folder):
        if INNER_MODULE in files:
            yield from _problems(INNER_MODULE, files[INNER_MODULE], PROBLEM)
        else:
            yield SimpleFinding(owner, line_of(text, IMPORT_INNER), "No module named 'inner.three'")
    if IMPORT_OUTSIDE in text:
        yield SimpleFinding(owner, line_of(text, IMPORT_OUTSIDE), f"outside {files.get(OUTSIDE)}")
    if ASK in text and _in(folder, "flag.txt") in files:
        yield SimpleFinding(owner, line_of(text, ASK), "a flag")
    if MODE in text:
        yield SimpleFinding(owner, line_of(text, MODE), f"mode {os.environ.get('SCHEDULE_MODE')}")
    if READ in text:
        data = files.get(_in(folder, "data.txt"), "none")
        yield SimpleFinding(owner, line_of(text, READ), f"data {data}")
    if late:
        yield from _problems(owner, text, LATE)


def crashes(files: Mapping[str, str], owner: str) -> bool:
    return CRASH in files[owner]


def _imports_inner(text: str, folder: str) -> bool:
    return IMPORT_INNER in text and folder == OUTER


def _in(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name


def _problems(name: str, text: str, kind: re.Pattern[str]) -> Iterator[SimpleFinding]:
    for match in kind.finditer(text):
        word = "late problem" if kind is LATE else "problem"
        yield SimpleFinding(name, line_of(text, match[0]), f"{word} {match[1]}")


@dataclass(frozen=True)
class WorkspaceState:
    """Everything that the shown findings depend on.

    Attributes:
        on_disk: the text of each file on disk.
        opened: the text of each open document.
        folders: the workspace folders.
        trusted: the workspace folders whose code may be run.
        requested: the closed files that the user had checked by a command.
        configuration: the settings.
    """

    on_disk: Mapping[str, str]
    opened: Mapping[str, str]
    folders: Collection[str]
    trusted: Collection[str]
    requested: Collection[str]
    configuration: Configuration

    def shown(self, owners: Collection[str]) -> dict[str, set[SimpleFinding]]:
        """Return the findings of these owners that an editor shows once nothing is running.

        They are those of fresh checks, if they lie in an open file or their owner is open or
        requested, at the lines that they have in the editor's texts.
        """
        found: dict[str, set[SimpleFinding]] = {}
        for owner in owners:
            if owner not in self.on_disk or TARGET not in self.on_disk[owner]:
                continue
            for finding in self._findings_of(owner):
                if {finding.file, owner} & self.opened.keys() or owner in self.requested:
                    found.setdefault(finding.file, set()).add(finding)
        return found

    def _findings_of(self, owner: str) -> Iterator[SimpleFinding]:
        folder, configuration = innermost_folder(owner, self.folders), self.configuration
        if folder is None:
            return
        if folder not in self.trusted:  # before trust the patterns of a folder are not applied
            if owner in self.opened:
                yield SimpleFinding(owner, 0, HINT)
            return
        if folder == OUTER and owner == configuration.excluded:
            return
        late = not configuration.early_only and not configuration.silent
        for finding in fresh_check(self.on_disk, owner, folder, late=late):
            yield self._moved(finding)

    def _moved(self, finding: SimpleFinding) -> SimpleFinding:
        on_disk = self.on_disk[finding.file]
        line = on_disk.splitlines()[finding.line]
        now = self.opened.get(finding.file, on_disk)
        return SimpleFinding(finding.file, now.splitlines().index(line), finding.words)


HINT = "Checking is off here"
