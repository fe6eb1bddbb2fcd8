"""The results of a check, as a program that imports export-lsp sees them.

Lines and columns start at 1, and columns count characters, as in ``check --output-format json``.
Fields may be added in later versions; none is renamed or removed before 2.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Place:
    """A range in a file, its end exclusive."""

    file: Path
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True)
class Note:
    """A further place of a problem, and a message that says what it has to do with it."""

    place: Place
    message: str


@dataclass(frozen=True)
class Edit:
    """A range of a file to be replaced by `text`."""

    place: Place
    text: str


@dataclass(frozen=True)
class Fix:
    """Edits that fix a problem; `title` says what was proved of them.

    `proof` is "exports", "advances", "narrows" or "unverified"; a fix is `safe` with the first two.
    """

    title: str
    proof: str
    safe: bool
    edits: tuple[Edit, ...]


@dataclass(frozen=True)
class Problem:
    """A problem at one place, however many targets and modes have met it.

    Attributes:
        rule: The rule, such as "data-dependent-guard".
        severity: "error", "warning", "information" or "hint".
        title: A title of one line.
        explanation: The reason and the remedy, in sentences; "" if the title says all.
        place: The expression that is at fault.
        stage: The stage of the export, such as "capture".
        modes: The modes that met it, empty for a stage that is the same in both.
        targets: The names of the targets that met it, empty if it precedes all targets.
        notes: Further places.
        fixes: The fixes that were found, the best first; empty unless they were asked for.
        url: A page about it, or "".
        detail: torch's own text, or "".
    """

    rule: str
    severity: str
    title: str
    explanation: str
    place: Place
    stage: str
    modes: tuple[str, ...]
    targets: tuple[str, ...]
    notes: tuple[Note, ...] = ()
    fixes: tuple[Fix, ...] = ()
    url: str = ""
    detail: str = ""

    @property
    def fails(self) -> bool:
        """True for errors and warnings."""
        return self.severity in ("error", "warning")

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}[{self.rule}] {self.title}"


@dataclass(frozen=True)
class Target:
    """A target that was checked.

    Attributes:
        file: The file that declares it.
        name: Its name in this file.
        line: The line in which its declaration begins, None if the check broke off.
        verdict: One short line, such as "exports ✓ both modes · matches eager".
        exports: For each mode that was checked, True if torch exported the target.
        seconds: The time that its check took.
        problems: The problems that it has met.
    """

    file: Path
    name: str
    line: int | None
    verdict: str
    exports: Mapping[str, bool]
    seconds: float
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """True if it has met neither errors nor warnings."""
        return not any(problem.fails for problem in self.problems)


@dataclass(frozen=True)
class Result:
    """The result of a check.

    Attributes:
        targets: The targets that were checked.
        problems: All problems, by file and position, also those from before the first target.
        text: The problems as ``export-lsp check`` prints them.
    """

    targets: tuple[Target, ...]
    problems: tuple[Problem, ...]
    text: str

    @property
    def ok(self) -> bool:
        """True if there are neither errors nor warnings, and a target was checked."""
        return bool(self.targets) and not any(problem.fails for problem in self.problems)

    def __str__(self) -> str:
        return self.text


class CheckError(Exception):
    """Nothing could be checked; `str()` says why, a sentence a line."""
