"""Goes through the faults one after the other and prints what came of each.

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
from tests.faults.scene import Outcome, open_scene

# Characters of what is told that the table shows.
WIDTH = 300


async def outcomes(faults: list[Fault], base: Path) -> dict[str, Outcome | str]:
    """What came of each fault, or how it failed to end as it should."""
    found: dict[str, Outcome | str] = {}
    scenes = (base / str(number) for number in itertools.count())
    while left := [fault for fault in faults if fault.name not in found]:
        with contextlib.suppress(AssertionError):  # told of the fault already
            async with open_scene(next(scenes)) as scene:
                for fault in left:
                    print(f"{fault.name} …", file=sys.stderr)
                    try:
                        found[fault.name] = await scene.suffer(fault)
                    except AssertionError as error:
                        found[fault.name] = f"not as expected: {error}"
                        raise
    return found


def report(found: dict[str, Outcome | str]) -> Table:
    table = Table(title="Faults: what the user is told, and what is left afterwards")
    table.add_column("fault", no_wrap=True)
    table.add_column("what the user is told", ratio=1)
    for column in ("s to recover", "processes left", "bytes left"):
        table.add_column(column, justify="right")
    for name, outcome in found.items():
        if isinstance(outcome, str):
            table.add_row(name, _shown(outcome, "red"))
            continue
        table.add_row(
            name,
            _shown(outcome.ended.told),
            f"{outcome.ended.seconds:.1f}",
            str(len(outcome.left)),
            str(sum(outcome.files.values())),
        )
    return table


def _shown(text: str, style: str = "") -> Text:
    """A text as a terminal may have it: nothing that is not to be seen."""
    text = "".join(letter if letter.isprintable() else f"{letter!a}"[1:-1] for letter in text)
    return Text(text if len(text) < WIDTH else f"{text[:WIDTH]}…", style)


def main() -> None:
    parser = argparse.ArgumentParser(description="What comes of every fault.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="of faults; all if there is none")
    names = parser.parse_args().names or list(ALL)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(outcomes([ALL[name] for name in names], Path(folder).resolve()))
    console = Console(width=150)
    console.print(report(found))
    console.print(f"{len(found)} faults in {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
