"""The output of ``export-lsp check``: the report, and on stderr the remarks about it."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TextIO

import click
from rich.console import Console
from rich.text import Text

from export_lsp.cli import baseline
from export_lsp.cli.batch import BatchResult
from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.check_options import CheckOptions
from export_lsp.cli.excerpt import source_lines
from export_lsp.cli.formats import FORMATS, text
from export_lsp.cli.message_line import print_message
from export_lsp.cli.nothing_checked import NOTHING, details
from export_lsp.cli.patch import print_patch
from export_lsp.cli.report import ProblemKey, Report
from export_lsp.cli.verdicts import verdicts_of
from export_lsp.cli.whole_files import write_whole
from export_lsp.verdicts.verdict import counted


@dataclass(frozen=True)
class CheckOutput:
    """Prints results as the options of the command ask for it."""

    options: CheckOptions

    def show(
        self,
        result: BatchResult,
        passed_over: Sequence[Path],
        printed: frozenset[ProblemKey] = frozenset(),
    ) -> Report:
        """Print a result; return the report of the problems that are not in the baseline.

        Args:
            result: The result.
            passed_over: Files that were not checked, as they declare no target.
            printed: The problems that the user has been shown already.

        Raises:
            CannotRun: A file cannot be read or written.
        """
        if not result.report.checked_anything and not result.report.unfinished:
            self._show_unchecked(result, passed_over)
        report = replace(self._without_known(result.report), printed=printed)
        report = self._with_verdicts(report, passed_over)
        if self.options.diff:
            print_patch(result.fixes, Path.cwd())
            return report
        if result.fixes.changes:
            problems = counted(result.fixes.fixed, "problem")
            files = counted(len(result.fixes.changes), "file")
            click.echo(f"Fixed {problems} in {files}.", err=True)
        self._write(report)
        return report

    def _show_unchecked(self, result: BatchResult, passed_over: Sequence[Path]) -> None:
        if self.options.allow_empty or self.options.watch:
            click.echo(NOTHING, err=True)
        else:
            CannotRun(NOTHING).show()
        files = {*(each.job.file for each in result.results), *passed_over}
        for line in details(sorted(files), result.folder):
            click.echo(line, err=True)

    def _without_known(self, report: Report) -> Report:
        file = self.options.write_baseline
        if file is not None and report.unfinished:
            print_message("error", f"{file} is not written: not all files were checked.")
        elif file is not None:
            written = baseline.write(file, report.problems, source_lines)
            click.echo(f"{file} has {counted(written, 'known problem')} now.", err=True)
        if (file := self.options.baseline) is None:
            return report
        left = baseline.filtered(file, report.problems, source_lines)
        if left.gone:
            click.echo(
                f"{counted(left.gone, 'problem')} of {file} did not occur:"
                f" after a check of the whole project, write it again.",
                err=True,
            )
        known = tuple(each for each in report.problems if each not in left.new)
        return replace(report, problems=left.new, known=known)

    def _with_verdicts(self, report: Report, passed_over: Sequence[Path]) -> Report:
        """Add the verdicts, if they are asked for or text goes to a terminal."""
        wanted = self.options.verdicts
        if wanted is None:
            to_terminal = self.options.output_file is None and sys.stdout.isatty()
            wanted = to_terminal and self.options.output_format == "text"
        return replace(report, verdicts=verdicts_of(report, passed_over)) if wanted else report

    def _write(self, report: Report) -> None:
        """Write the report to the output file, or to stdout, and in the other formats asked for."""
        for name, file in self.options.reports:
            whole = replace(report, printed=frozenset())
            _write_file(file, FORMATS[name].render(whole))
        rendered = self._rendered(report)
        if self.options.output_file is None:
            _write_to(sys.stdout, rendered)
        else:
            _write_file(self.options.output_file, rendered)

    def _rendered(self, report: Report) -> str | Text:
        if self.options.statistics:
            return text.render_statistics(report)
        return self.options.format.render(report)


def _write_file(file: Path, rendered: str | Text) -> None:
    stream = io.StringIO(newline="\n")
    _write_to(stream, rendered)
    # File names and messages may hold surrogates, which UTF-8 cannot encode.
    write_whole(file, stream.getvalue().encode("utf-8", "backslashreplace"))


def _write_to(stream: TextIO, rendered: str | Text) -> None:
    if isinstance(rendered, Text):
        # A terminal wraps long lines itself, and in a file they stay whole.
        Console(file=stream).print(rendered, soft_wrap=True)
    else:
        stream.write(rendered)
