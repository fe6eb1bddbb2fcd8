"""``export-lsp show``: prints the shapes in a model file, and the sizes and cost of its exports."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from export_lsp.cli.batch import BatchRunner
from export_lsp.cli.batch_progress import batch_progress
from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.fix_options import FixOptions
from export_lsp.cli.job_selection import jobs_for
from export_lsp.cli.jobs import Job, JobResult
from export_lsp.cli.shape_suggestions import (
    suggestions,
    suggestions_as_json,
    suggestions_as_text,
)
from export_lsp.cli.shown_target import ShownTarget, as_json, as_text
from export_lsp.engine.hosts.pool import Pool
from export_lsp.protocol import GRAPH_LEVELS, GraphLevel
from export_lsp.stages import STAGES, TABLE

NOT_BUILT = "{} has no target that could be built: `export-lsp check` says why."

_WITH_LINE = re.compile(r"(?P<file>.+):(?P<line>\d+)")


@click.command()
@click.argument("place", metavar="FILE[:LINE]")
@click.option("--python", metavar="PATH", help="The interpreter that has torch.")
@click.option(
    "--output-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="The format of the output.",
)
@click.option(
    "--graph",
    type=click.Choice(GRAPH_LEVELS),
    help="Print the program that torch exports, or what it decomposes into, in place of shapes.",
)
@click.option(
    "--suggest-dynamic-shapes",
    is_flag=True,
    help="Print the widest dynamic_shapes that each target exports with, in place of shapes.",
)
def command(
    place: str,
    python: str | None,
    output_format: str,
    graph: GraphLevel | None,
    suggest_dynamic_shapes: bool,
) -> None:
    """Print the shapes in a model file, the sizes that its exports accept, and their cost.

    With LINE only the values in that line, with their operators.  Exits 0 whether or not the file
    has problems, and 2 if it has no target or cannot be checked.
    """
    file, line = _file_and_line(place)
    jobs = jobs_for([file], {"interpreter": python}).jobs
    if suggest_dynamic_shapes:
        _print_suggestions(file, jobs, output_format)
        return
    results = asyncio.run(_check([_only_exported(job, graph) for job in jobs]))
    shown = [target for result in results for target in _targets(result, line)]
    if not shown:
        raise CannotRun(NOT_BUILT.format(file))
    if graph is not None and not any(each.graph for each in shown):
        raise CannotRun(f"{file} has no target that exports: `export-lsp check` says why.")
    click.echo(as_json(shown) if output_format == "json" else as_text(shown, Path.cwd()), nl=False)


def _print_suggestions(file: Path, jobs: Sequence[Job], output_format: str) -> None:
    found = asyncio.run(suggestions(jobs))
    if not any(each.widest.suggested for each in found):
        refusals = [each.widest.refusal.title for each in found if each.widest.refusal is not None]
        raise CannotRun(f"{file}: {refusals[-1]}." if refusals else NOT_BUILT.format(file))
    as_json = output_format == "json"
    text = suggestions_as_json(found) if as_json else suggestions_as_text(found, Path.cwd())
    click.echo(text, nl=False)


def _file_and_line(place: str) -> tuple[Path, int | None]:
    """Split a place; a file may have a colon and a number at the end of its own name."""
    match = _WITH_LINE.fullmatch(place)
    if match is None or Path(place).exists():
        return Path(place), None
    return Path(match["file"]), int(match["line"])


def _only_exported(job: Job, graph: GraphLevel | None) -> Job:
    """The job without the stages that examine an exported program, but for its operators."""
    stages = tuple(s for s in STAGES if s == "decompose" or not TABLE[s].after_export)
    settings = replace(job.resolved.settings, stages=stages)
    return replace(job, resolved=replace(job.resolved, settings=settings), graph=graph)


async def _check(jobs: Sequence[Job]) -> Sequence[JobResult]:
    pool = Pool(lambda level, line: None)
    runner = BatchRunner(pool, 1, Path.cwd(), lambda level, line: None, FixOptions())
    try:
        async with batch_progress(Console(stderr=True)) as progress:
            return (await runner.run(jobs, progress, {})).results
    finally:
        await pool.close()


def _targets(result: JobResult, line: int | None) -> list[ShownTarget]:
    return [
        ShownTarget(
            str(result.job.file),
            outcome,
            tuple(
                value
                for value in result.values.get(name, ())
                if line is None or value.location.start.line + 1 == line
            ),
            result.costs.get(name),
            result.graphs.get(name),
            every_place=line is not None,
        )
        for name, outcome in result.outcomes.items()
        if outcome.modes and set(outcome.modes.values()) != {"unknown"}
    ]
