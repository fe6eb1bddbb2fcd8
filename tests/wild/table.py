"""The table of verdicts by library."""

from __future__ import annotations

import statistics
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.wild.verdict import VERDICTS


def print_table(results: Sequence[Mapping[str, Any]]) -> None:
    """Print how many files of each library had which verdict, and the seconds beside torch."""
    table = Table()
    table.add_column("library")
    shown = list(VERDICTS)
    for verdict in shown:
        table.add_column(verdict, justify="right")
    for heading in ("plain, median s", "check, median s", "check ÷ plain", "peak, MB"):
        table.add_column(heading, justify="right")
    libraries = list(dict.fromkeys(result["library"] for result in results))
    for library in [*libraries, "all"]:
        rows = [r for r in results if library in (r["library"], "all")]
        counts = Counter(row["verdict"] for row in rows)
        table.add_row(library, *(str(counts[verdict]) for verdict in shown), *_seconds(rows))
    Console(width=160).print(table)


def _seconds(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    timed = [row for row in rows if row["plain_seconds"] and row["check_seconds"]]
    if not timed:
        return ["", "", "", ""]
    plain = statistics.median(row["plain_seconds"] for row in timed)
    check = statistics.median(row["check_seconds"] for row in timed)
    ratio = statistics.median(row["check_seconds"] / row["plain_seconds"] for row in timed)
    peak = max(row["peak_memory"] for row in timed) / 1e6
    return [f"{plain:.1f}", f"{check:.1f}", f"{ratio:.1f}", f"{peak:.0f}"]


def print_cases(results: Sequence[Mapping[str, Any]], verdict: str) -> None:
    """Print every file with a verdict, and the reason for it."""
    for result in results:
        if result["verdict"] == verdict:
            print(f"{result['library']} {result['name']}")
            print(textwrap.indent(result["because"], "    "))
