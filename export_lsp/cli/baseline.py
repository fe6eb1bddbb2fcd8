"""Baselines: files with the known problems of a project, which fail no check.

A known problem is found again by its file, its rule and the text of the line in which it begins, so
that it may move.  Each known problem accounts for one problem of a check.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.whole_files import write_whole
from export_lsp.findings import Problem

VERSION = 1


class KnownProblem(NamedTuple):
    """The identity of a problem in a baseline.

    `file` is relative to the folder of the baseline, with forward slashes; `line` is the text of
    the line in which the problem begins, without indentation.
    """

    file: str
    rule: str
    line: str


@dataclass(frozen=True)
class Filtered:
    """The problems that a baseline does not have, and how many of its own were not met."""

    new: tuple[Problem, ...]
    gone: int


def write(file: Path, problems: Iterable[Problem], lines_of: Callable[[str], Sequence[str]]) -> int:
    """Write the errors and warnings of a check as the baseline; return how many there are.

    Raises:
        CannotRun: The file cannot be written.
    """
    counts = Counter(_identities(problems, file.parent, lines_of))
    known = [
        {**identity._asdict(), **({"count": count} if count > 1 else {})}
        for identity, count in sorted(counts.items())
    ]
    text = json.dumps({"version": VERSION, "problems": known}, indent=2, ensure_ascii=True)
    write_whole(file, f"{text}\n".encode("ascii"))
    return counts.total()


def filtered(
    file: Path, problems: Sequence[Problem], lines_of: Callable[[str], Sequence[str]]
) -> Filtered:
    """Return the problems that are not in a baseline.

    Raises:
        CannotRun: The file cannot be read or is no baseline.
    """
    known = _read(file)
    new = []
    for problem in problems:
        [*identity] = _identities([problem], file.parent, lines_of)
        if identity and known[identity[0]] > 0:
            known[identity[0]] -= 1
        else:
            new.append(problem)
    return Filtered(tuple(new), known.total())


def _identities(
    problems: Iterable[Problem], folder: Path, lines_of: Callable[[str], Sequence[str]]
) -> Iterator[KnownProblem]:
    """Yield the identities of errors and warnings; information and hints fail no check."""
    for problem in problems:
        if problem.severity in ("error", "warning"):
            location = problem.location
            lines = lines_of(location.file)
            line = lines[location.start.line] if location.start.line < len(lines) else ""
            path = os.path.relpath(location.file, os.path.abspath(folder))
            yield KnownProblem(Path(path).as_posix(), problem.rule, line.strip())


def _read(file: Path) -> Counter[KnownProblem]:
    try:
        data = json.loads(file.read_bytes())
    except OSError as error:
        raise CannotRun(f"{file} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise CannotRun(f"{file} is no baseline: it is no JSON.") from error
    if not isinstance(data, dict) or data.get("version") != VERSION:
        raise CannotRun(f"{file} is no baseline of version {VERSION}: write it again.")
    found: Counter[KnownProblem] = Counter()
    for entry in data.get("problems") or ():
        identity, count = _entry(file, entry)
        found[identity] += count
    return found


def _entry(file: Path, entry: Any) -> tuple[KnownProblem, int]:
    try:
        words = [entry[name] for name in KnownProblem._fields]
        count = int(entry.get("count", 1))
        if all(isinstance(word, str) for word in words):
            return KnownProblem(*words), count
    except (TypeError, KeyError, ValueError, AttributeError):
        pass
    raise CannotRun(f"{file} has an entry that is no problem: write the baseline again.")
