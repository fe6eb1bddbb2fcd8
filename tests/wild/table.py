"""The table of verdicts by library."""

from __future__ import annotations

import statistics
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from tests.wild.results import Result
from tests.wild.verdict import VERDICTS, Verdict


def print_table(results: Sequence[Result], counts: Mapping[str, int]) -> None:
    """Print how many files of each library had which verdict, and the seconds beside torch.

    Args:
        results: Those to count.
        counts: How many files each library has.
    """
    table = Table()
    table.add_column("library")
    headings = ("plain, median s", "check, median s", "check ÷ plain", "peak, MB")
    for heading in ("run", *VERDICTS, "fixes", *headings):
        table.add_column(heading, justify="right")
    for name in counts:
        _add_row(table, name, [each for each in results if each.library == name], counts[name])
    _add_row(table, "all", results, sum(counts.values()))
    Console(width=200).print(table)


def _add_row(table: Table, name: str, results: Sequence[Result], count: int) -> None:
    verdicts = Counter(result.verdict for result in results)
    table.add_row(
        name,
        f"{len(results)}/{count}",
        *(str(verdicts[verdict]) for verdict in VERDICTS),
        str(sum(result.fixes for result in results)),
        *_seconds(results),
    )


def _seconds(results: Sequence[Result]) -> list[str]:
    timed = [result for result in results if result.plain_seconds and result.check_seconds]
    if not timed:
        return ["", "", "", ""]
    plain = statistics.median(result.plain_seconds for result in timed)
    check = statistics.median(result.check_seconds for result in timed)
    ratio = statistics.median(result.check_seconds / result.plain_seconds for result in timed)
    peak = max(result.peak_memory for result in timed) / 1e6
    return [f"{plain:.1f}", f"{check:.1f}", f"{ratio:.1f}", f"{peak:.0f}"]


def print_cases(results: Sequence[Result], verdict: Verdict) -> None:
    """Print every file with a verdict, and the reason for it."""
    for result in results:
        if result.verdict == verdict:
            print(f"{result.library} {result.name}")
            print(textwrap.indent(result.because, "    "))
