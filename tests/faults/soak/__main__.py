"""Save files many times while killing processes, and print the growth of the server's resources.

Usage: ``python -m tests.faults.soak [--saves N] [--seed N] [--picture FILE]``; the picture needs
matplotlib.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import random
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console

from tests.faults.sandbox import open_sandbox
from tests.faults.soak.curves import curves, draw, report
from tests.faults.soak.driver import TIMEOUT, Soak

# Saves between two lines about the progress.
STEP = 50


async def soak(base: Path, saves: int, seed: int) -> Soak:
    started = time.perf_counter()

    def progress(number: int) -> None:
        if number % STEP == 0:
            print(f"{number} saves, {time.perf_counter() - started:.0f} s", file=sys.stderr)

    async with open_sandbox(base, timeout=TIMEOUT, logLevel="debug") as sandbox:
        soaked = Soak(sandbox, saves, random.Random(seed))
        await soaked.run(progress)
        return soaked


def main() -> int:
    parser = argparse.ArgumentParser(description="Many saves, with random kills.")
    parser.add_argument("--saves", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--picture", type=Path)
    options = parser.parse_args()
    if options.picture is not None and importlib.util.find_spec("matplotlib") is None:
        parser.error("--picture needs matplotlib")
    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        soaked = asyncio.run(soak(Path(folder).resolve(), options.saves, options.seed))
    seconds = time.perf_counter() - started
    found = curves(soaked.samples)
    console = Console(width=130)
    console.print(report(found))
    kills = ", ".join(f"{count} {role}" for role, count in sorted(soaked.kills.items()))
    console.print(f"{options.saves} saves of {len(soaked.kinds)} kinds of files in {seconds:.0f} s")
    console.print(f"killed: {kills or 'nothing'}")
    for title, lines in (("wrong results", soaked.wrong), ("processes left behind", soaked.left)):
        print("\n  ".join([f"{title}: {len(lines)}", *lines]))
    if options.picture is not None:
        draw(found, options.picture)
    good = not soaked.wrong and not soaked.left and all(curve.flat for curve in found)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
