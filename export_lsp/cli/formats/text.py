"""Text for people: each problem with its source, as compilers and linters print it."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.text import Text

from export_lsp.cli.formats import Report, modes_and_targets, shown_path, summary
from export_lsp.cli.formats.excerpt import Sources, excerpt
from export_lsp.findings import Problem
from export_lsp.protocol import Location
from export_lsp.rules import RULES
from export_lsp.safe_text import one_line

STYLES = {"error": "bold red", "warning": "bold yellow", "information": "bold blue", "hint": "cyan"}
_MARGIN = "bold blue"


def show(report: Report, console: Console) -> None:
    """Print all problems and the closing line."""
    sources = Sources()
    for problem in report.problems:
        _print(console, _problem(problem, report, sources))
        console.print()
    _print(console, Text(summary(report), style="bold" if report.problems else "green"))


def show_statistics(report: Report, console: Console) -> None:
    """Print how often each rule was met, the most frequent first."""
    counts = Counter(problem.rule for problem in report.problems)
    for rule, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        line = Text(f"{count:>5}  ")
        line.append(f"{rule:<24}", STYLES[RULES[rule].severity])
        line.append(RULES[rule].summary)
        _print(console, line)
    _print(console, Text(summary(report)))


def _print(console: Console, text: Text) -> None:
    """Print as it is: a terminal wraps long lines itself, and a file should not have them cut."""
    console.print(text, soft_wrap=True, highlight=False, markup=False, emoji=False)


def _problem(problem: Problem, report: Report, sources: Sources) -> Text:
    style = STYLES[problem.severity]
    text = Text()
    text.append(_place(problem.location, report), "bold")
    text.append(": ")
    text.append(f"{problem.severity}[{problem.rule}]", style)
    text.append(f" {one_line(problem.message)}\n")
    lines = sources.lines(problem.location.file)
    width, shown = excerpt(lines, problem.location, mark_style=style, margin_style=_MARGIN)
    text.append_text(shown)
    for related in problem.related:
        note = f"{_place(related.location, report)}: {one_line(related.message)}"
        _append_note(text, width, "note", note)
    if who := modes_and_targets(problem):
        _append_note(text, width, "in", who.removeprefix("in "))
    for fix in report.fixes_of(problem):
        _append_note(text, width, "fix", one_line(fix.title))
    _append_note(text, width, "help", problem.url)
    text.rstrip()
    return text


def _append_note(text: Text, width: int, label: str, content: str) -> None:
    text.append(f"{' ' * width} = ", _MARGIN)
    text.append(label, "bold")
    text.append(f": {content}\n")


def _place(location: Location, report: Report) -> str:
    file = one_line(shown_path(location.file, report.folder))
    return f"{file}:{location.start.line + 1}:{location.start.character + 1}"
