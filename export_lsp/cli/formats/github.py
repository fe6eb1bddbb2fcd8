"""GitHub's workflow commands, which annotate the lines of a pull request."""

from __future__ import annotations

from export_lsp.cli.report import Report, modes_and_targets, shown_path
from export_lsp.findings import Problem
from export_lsp.safe_text import for_terminal

_COMMANDS = {"error": "error", "warning": "warning", "information": "notice", "hint": "notice"}


def render(report: Report) -> str:
    """Return a workflow command ``::error …::message`` for each problem, one a line."""
    return "".join(f"{_command(problem, report)}\n" for problem in report.problems)


def _command(problem: Problem, report: Report) -> str:
    start, end = problem.location.start, problem.location.end
    properties = {
        "title": for_terminal(problem.title),
        "file": for_terminal(shown_path(problem.location.file, report.folder)),
        "line": str(start.line + 1),
        "endLine": str(end.line + 1),
    }
    # GitHub refuses columns on an annotation of several lines.
    if start.line == end.line:
        properties["col"] = str(start.character + 1)
        properties["endColumn"] = str(end.character + 1)
    listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    who = modes_and_targets(problem)
    source = f"export-lsp ({problem.rule})"
    message = "\n".join(
        line for line in (problem.explanation, f"{source}: {who}" if who else source) if line
    )
    return f"::{_COMMANDS[problem.severity]} {listed}::{_data(for_terminal(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
