"""Text for people: each problem with its source, as compilers and linters print it."""

from __future__ import annotations

from collections import Counter

from rich.text import Text

from export_lsp.cli import verdict_table
from export_lsp.cli.excerpt import excerpt, source_lines
from export_lsp.cli.report import Report, key_of, modes_and_targets, shown_path, summary
from export_lsp.findings import Problem
from export_lsp.protocol import Location
from export_lsp.rules import RULES
from export_lsp.safe_text import one_line

STYLES = {"error": "bold red", "warning": "bold yellow", "information": "bold blue", "hint": "cyan"}
_MARGIN = "bold blue"
# A line that starts like this is a command to GitHub Actions.
_COMMANDS = ("::", "##[")


def render(report: Report) -> Text:
    """Return all problems, each followed by an empty line, the verdicts, and the closing line.

    Problems that the user has been shown already are left out.
    """
    text = Text()
    for problem in report.problems:
        if key_of(problem) not in report.printed:
            text.append_text(render_problem(problem, report))
            text.append("\n\n")
    if report.verdicts is not None:
        text.append_text(verdict_table.render(report.verdicts, report.folder))
    text.append(summary(report), "bold" if report.problems else "green")
    return text


def render_statistics(report: Report) -> Text:
    """Return the number of problems of each rule, the most frequent first, and the closing line."""
    counts = Counter(problem.rule for problem in report.problems)
    text = Text()
    for rule, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        text.append(f"{count:>5}  ")
        text.append(f"{rule:<24}", STYLES[RULES[rule].severity])
        text.append(f"{RULES[rule].summary}\n")
    text.append(summary(report))
    return text


def render_problem(problem: Problem, report: Report) -> Text:
    """Return a problem with its source, and with its fixes in the report."""
    style = STYLES[problem.severity]
    text = Text()
    text.append(shown_place(problem.location, report), "bold")
    text.append(": ")
    text.append(f"{problem.severity}[{problem.rule}]", style)
    text.append(f" {one_line(problem.title)}\n")
    lines = source_lines(problem.location.file)
    width, shown = excerpt(lines, problem.location, mark_style=style, margin_style=_MARGIN)
    text.append_text(shown)
    if problem.explanation:
        _append_note(text, width, "why", one_line(problem.explanation))
    for related in problem.related:
        note = f"{shown_place(related.location, report)}: {one_line(related.message)}"
        _append_note(text, width, "note", note)
    if met_by := modes_and_targets(problem):
        _append_note(text, width, "in", one_line(met_by))
    for fix in report.fixes_of(problem):
        _append_note(text, width, "fix", one_line(fix.title))
    _append_note(text, width, "help", problem.url)
    text.rstrip()
    return text


def _append_note(text: Text, width: int, label: str, content: str) -> None:
    text.append(f"{' ' * width} = ", _MARGIN)
    text.append(label, "bold")
    text.append(f": {content}\n")


def shown_place(location: Location, report: Report) -> str:
    """Return the file, the line and the column of a location."""
    file = one_line(shown_path(location.file, report.folder))
    if file.startswith(_COMMANDS):
        file = f"./{file}"
    return f"{file}:{location.start.line + 1}:{location.start.character + 1}"
