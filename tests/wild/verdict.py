"""Holds a check against plain torch's exports of the same file."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from export_lsp.findings import Problem
from tests.wild.checked import Checked

Verdict = Literal[
    "silent", "told", "unlocated", "false alarm", "missed", "wrong proof", "warned", "no model"
]

VERDICTS: dict[Verdict, str] = {
    "silent": "exports, and nothing is reported",
    "told": "fails, and is reported with the library's line where the failure is in the library",
    "unlocated": "fails, and is reported without the library's line",
    "false alarm": "exports, and an error or warning says that it does not",
    "missed": "fails in a mode that nothing is reported for",
    "wrong proof": "does not export with a fix that is said to export",
    "warned": "exports, and a warning says what is wrong with the program",
    "no model": "the model or its inputs cannot be built: the case is wrong for this version",
}

# What a check must never be.
WRONG: tuple[Verdict, ...] = ("false alarm", "missed", "wrong proof")


@dataclass(frozen=True)
class Failed:
    """A step that failed in plain torch, with the frames outside torch, innermost last."""

    error: str
    places: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Plain:
    """Plain torch's answer for one mode: the failures by step.

    The steps are build, export, run (compare with eager) and decompose; `seconds` are those of
    the export.
    """

    seconds: float
    failures: Mapping[str, Failed]

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Plain:
        """The answer as `tests.wild.plain` writes it."""
        failures = {
            step: Failed(failed["error"], tuple((file, line) for file, line in failed["places"]))
            for step, failed in answer["failures"].items()
        }
        return cls(answer["seconds"], failures)


def judged(file: str, plain: Mapping[str, Plain], checked: Checked) -> tuple[Verdict, str]:
    """The verdict on a check of a file, and in one line the reason for it."""
    for answer in plain.values():
        if "build" in answer.failures:
            return "no model", answer.failures["build"].error
    problems = [p for p in checked.problems if p.severity in ("error", "warning")]
    blamed = [problem for problem in problems if not _is_silent(problem)]
    for problem in blamed:
        modes: Sequence[str] = problem.modes or tuple(plain)
        if not any(_step(problem) in plain[mode].failures for mode in modes):
            return "false alarm", _line(problem)
    for mode, answer in plain.items():
        told: list[Problem] = []
        for step, failed in answer.failures.items():
            # A mistake that torch does not report shows later, and more steps may fail with it.
            known = blamed if step == "export" else problems
            met = [p for p in known if _step(p) == step and mode in (p.modes or (mode,))]
            met = told = met or told
            if not met and step != "export":
                met = [p for p in problems if _is_silent(p) and mode in (p.modes or (mode,))]
            if not met:
                return "missed", f"{mode}, {step}: {failed.error}"
            if not _names_library(file, failed, met):
                return "unlocated", f"{_line(met[0])} | {failed.places[-1]}"
    if blamed:
        return "told", _line(blamed[0])
    if problems:
        return "warned", _line(problems[0])
    return "silent", ""


def _step(problem: Problem) -> str:
    """The step of plain torch that a problem is about."""
    return problem.stage if problem.stage in ("run", "decompose") else "export"


def _is_silent(problem: Problem) -> bool:
    """True if a problem says that the export succeeds with a wrong program."""
    return problem.findings[0].silent


def _names_library(file: str, failed: Failed, problems: Sequence[Problem]) -> bool:
    if not failed.places:
        return True
    innermost, line = failed.places[-1]
    if innermost == file:
        return True
    name = os.path.basename(innermost)
    return any(
        f"{name}:{line}" in problem.message
        or any(
            related.location.file.endswith(name) and related.location.start.line == line - 1
            for related in problem.related
        )
        for problem in problems
    )


def _line(problem: Problem) -> str:
    start = problem.location.start
    modes = "+".join(problem.modes)
    return f"{start.line + 1}: {problem.severity}[{problem.rule}] {modes}: {problem.message}"
