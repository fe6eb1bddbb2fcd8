"""Cause the faults of the catalogue one after another, and print the effect of each.

Usage: ``python -m tests.faults [NAME…]``
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tests.faults.catalogue import ALL, Fault
from tests.faults.sandbox import FaultReport, open_sandbox

# Characters of a diagnostic that the table shows.
WIDTH = 300


async def outcomes(faults: list[Fault], base: Path) -> dict[str, FaultReport | str]:
    """Return the report of each fault, or the text of its failed assertion."""
    found: dict[str, FaultReport | str] = {}
    sandboxes = (base / str(number) for number in itertools.count())
    while left := [fault for fault in faults if fault.name not in found]:
        with contextlib.suppress(AssertionError):  # the report has its text
            async with open_sandbox(next(sandboxes)) as sandbox:
                for fault in left:
                    print(f"{fault.name} …", file=sys.stderr)
                    try:
                        found[fault.name] = await sandbox.inject(fault)
                    except AssertionError as error:
                        found[fault.name] = f"not as expected: {error}"
                        raise
    return found


def report(found: dict[str, FaultReport | str]) -> Table:
    table = Table(title="Faults: what the user sees, and what is left behind")
    table.add_column("fault", no_wrap=True)
    table.add_column("what the user sees", ratio=1)
    for column in ("s to recover", "processes left", "bytes left"):
        table.add_column(column, justify="right")
    for name, outcome in found.items():
        if isinstance(outcome, str):
            table.add_row(name, _shown(outcome, "red"))
            continue
        table.add_row(
            name,
            _shown(outcome.effect.shown),
            f"{outcome.effect.recovery:.1f}",
            str(len(outcome.left)),
            str(sum(outcome.files.values())),
        )
    return table


def _shown(text: str, style: str = "") -> Text:
    """Return a text for the terminal, with escapes for characters that are not printable."""
    text = "".join(letter if letter.isprintable() else f"{letter!a}"[1:-1] for letter in text)
    return Text(text if len(text) < WIDTH else f"{text[:WIDTH]}…", style)


def main() -> None:
    parser = argparse.ArgumentParser(description="Cause faults, and print the effect of each.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="a fault; all of them by default")
    names = parser.parse_args().names or list(ALL)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(outcomes([ALL[name] for name in names], Path(folder).resolve()))
    console = Console(width=150)
    console.print(report(found))
    console.print(f"{len(found)} faults in {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
