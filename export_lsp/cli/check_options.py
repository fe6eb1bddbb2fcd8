"""The options of ``export-lsp check``."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from export_lsp.cli.fix_options import FixOptions
from export_lsp.cli.formats import FORMATS, Format


def parsed_reports(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, Path], ...]:
    """Return the pairs of format and file in values ``FORMAT=FILE``.

    Raises:
        click.BadParameter: A value is in another form, or names no format.
    """
    reports = []
    for value in values:
        name, _, file = value.partition("=")
        if name not in FORMATS or not file:
            formats = ", ".join(FORMATS)
            raise click.BadParameter(f"{value!r} is not FORMAT=FILE; the formats are {formats}.")
        reports.append((name, Path(file)))
    return tuple(reports)


_EXECUTOR = re.compile(r"dask://.+:\d+")


@dataclass(frozen=True)
class CheckOptions:
    """The options of ``export-lsp check``, each in the field of its name; see ``--help``.

    Raises:
        click.UsageError: Two options exclude each other.
    """

    paths: tuple[Path, ...]
    output_format: str
    output_file: Path | None
    reports: tuple[tuple[str, Path], ...]
    modes: tuple[str, ...]
    backends: tuple[str, ...]
    device: str | None
    python: str | None
    run_main: bool
    run_args: dict[str, list[str]] | None
    timeout: float | None
    jobs: int
    max_time: float | None
    cache: bool
    changed_since: str | None
    executor: str | None
    shared_path: Path | None
    fix: bool
    diff: bool
    unsafe_fixes: bool
    watch: bool
    statistics: bool
    verdicts: bool | None
    allow_empty: bool
    baseline: Path | None
    write_baseline: Path | None
    exit_zero: bool
    verbose: bool

    def __post_init__(self) -> None:
        if self.statistics and self.output_format != "text":
            raise click.UsageError("--statistics requires --output-format text.")
        if self.verdicts and (self.statistics or self.output_format not in ("text", "json")):
            raise click.UsageError("--verdicts requires --output-format text or json.")
        if self.write_baseline and (self.watch or self.diff or self.fix or self.baseline):
            raise click.UsageError(
                "--write-baseline excludes --baseline, --watch, --fix and --diff."
            )
        if self.watch and self.diff:
            raise click.UsageError("--watch and --diff exclude each other.")
        if self.watch and self.output_format != "text" and self.output_file is None:
            raise click.UsageError("--watch requires --output-format text or --output-file.")
        if self.watch and (self.max_time or self.changed_since or self.executor):
            raise click.UsageError("--watch excludes --max-time, --changed-since and --executor.")
        if self.executor is not None and not _EXECUTOR.fullmatch(self.executor):
            raise click.UsageError("--executor takes the form dask://HOST:PORT.")
        if self.shared_path is not None and self.executor is None:
            raise click.UsageError("--shared-path requires --executor.")

    @property
    def prints_live(self) -> bool:
        """True if problems are to be printed as they are found: text for a terminal."""
        rewrites = self.watch or self.fix or self.diff or self.baseline or self.statistics
        to_terminal = self.output_format == "text" and self.output_file is None
        return to_terminal and not rewrites and sys.stdout.isatty()

    @property
    def checked_paths(self) -> tuple[Path, ...]:
        """The paths to check, by default the working directory."""
        return self.paths or (Path(),)

    @property
    def format(self) -> Format:
        """The output format."""
        return FORMATS[self.output_format]

    @property
    def overrides(self) -> dict[str, Any]:
        """The settings that are given on the command line; None for others."""
        return {
            "interpreter": self.python,
            "device": self.device,
            "modes": list(self.modes) or None,
            "backends": list(self.backends) or None,
            "timeout": self.timeout,
            "run_main": self.run_main or None,
            "run_args": self.run_args,
        }

    @property
    def fix_options(self) -> FixOptions:
        """The use of fixes."""
        formats = [FORMATS[name] for name, _ in self.reports]
        if not self.statistics:
            formats.append(self.format)
        return FixOptions(
            search=any(each.shows_fixes for each in formats),
            unverified=self.unsafe_fixes,
            combine=self.fix or self.diff,
            write=self.fix and not self.diff,
        )
