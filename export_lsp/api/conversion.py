"""Results for programs from the report of a check."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from export_lsp.api.results import Edit, Fix, Note, Place, Problem, Result, Target
from export_lsp.cli.formats import text
from export_lsp.cli.report import Report
from export_lsp.cli.verdicts import verdicts_of
from export_lsp.findings import Problem as FoundProblem
from export_lsp.fixes.proof import Fix as FoundFix
from export_lsp.protocol import Location


def result_of(report: Report) -> Result:
    """Return the result for a report, with the verdicts on its targets."""
    problems = {id(each): _problem(each, report) for each in report.problems}
    targets = tuple(
        Target(
            file=Path(on.file),
            name=on.name,
            line=on.outcome.location.start.line + 1 if on.outcome else None,
            verdict=on.verdict.text,
            exports={mode: ended == "exports" for mode, ended in on.outcome.modes.items()}
            if on.outcome
            else {},
            seconds=on.outcome.seconds if on.outcome else 0.0,
            problems=tuple(
                problems[id(each)]
                for each in report.problems
                if on.label(report.folder) in each.targets
            ),
        )
        for on in verdicts_of(report, ()).shown
        if on.name
    )
    return Result(targets, tuple(problems.values()), as_text(report))


def as_text(report: Report) -> str:
    """Return a report as plain text."""
    stream = io.StringIO()
    Console(file=stream, width=100).print(text.render(report), soft_wrap=True)
    return stream.getvalue()


def _problem(problem: FoundProblem, report: Report) -> Problem:
    return Problem(
        rule=problem.rule,
        severity=problem.severity,
        title=problem.title,
        explanation=problem.explanation,
        place=_place(problem.location),
        stage=problem.stage,
        modes=problem.modes,
        targets=tuple(label.rpartition("::")[2] for label in problem.targets),
        notes=tuple(Note(_place(each.location), each.message) for each in problem.related),
        fixes=tuple(_fix(fix) for fix in report.fixes_of(problem)),
        url=problem.url,
        detail=problem.detail,
    )


def _fix(fix: FoundFix) -> Fix:
    edits = tuple(Edit(_place(edit.location), edit.text) for edit in fix.edits)
    return Fix(fix.title, fix.proof, fix.is_safe, edits)


def _place(location: Location) -> Place:
    start, end = location.start, location.end
    return Place(
        Path(location.file),
        start.line + 1,
        start.character + 1,
        end.line + 1,
        end.character + 1,
    )
