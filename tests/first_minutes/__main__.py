"""Prints how long a new user waits for the first problem in each repository.

By default with the interpreter that runs this.  With ``--environment`` a new environment is made
and installed into, as by a new user, and the time for that is printed as well.

Usage: ``python -m tests.first_minutes [--environment FOLDER] [--transcript]``
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.first_minutes.journey import ALL, Journey, travel

ROOT = Path(__file__).parents[2]


def main() -> int:
    options = _options()
    python = Path(sys.executable)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.environment is not None:
            python = _installed(options.environment)
        journeys = []
        for repository in ALL:
            home = folder / f"home-{repository.name}"
            home.mkdir()
            environment = {**os.environ, "HOME": str(home), "XDG_STATE_HOME": str(home)}
            journey = travel(repository, folder / repository.name, python, environment)
            journeys.append(journey)
            if options.transcript:
                _print_transcript(journey)
    _print_table(journeys)
    return 0 if all(_is_right(journey) for journey in journeys) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.first_minutes", description=__doc__)
    parser.add_argument(
        "--environment", type=Path, metavar="FOLDER", help="make an environment here first"
    )
    parser.add_argument("--transcript", action="store_true", help="print what the commands print")
    return parser.parse_args()


def _installed(environment: Path) -> Path:
    """Make an environment with torch, what the repositories need, and export-lsp."""
    python = environment / "bin" / "python"
    _timed([sys.executable, "-m", "venv", str(environment)])
    required = sorted({name for repository in ALL for name in repository.requires})
    _timed([str(python), "-m", "pip", "install", "-q", "torch", *required])
    _timed([str(python), "-m", "pip", "install", "-q", str(ROOT)])
    return python


def _timed(command: Sequence[str]) -> None:
    began = time.monotonic()
    subprocess.run(command, check=True)
    print(f"{time.monotonic() - began:6.1f} s  {' '.join(command)}")


def _print_transcript(journey: Journey) -> None:
    for step in journey.steps:
        print(f"{journey.repository.name}$ export-lsp {' '.join(step.command)}")
        print(step.output)


def _print_table(journeys: Sequence[Journey]) -> None:
    for journey in journeys:
        times = ", ".join(f"{' '.join(s.command)} {s.seconds:.1f} s" for s in journey.steps)
        shown = "; ".join(
            f"{file}:{line}:{column} {rule}" for rule, (file, line, column) in journey.problems
        )
        total = f"{journey.seconds:.1f} s, {journey.computed:.1f} s of them computing"
        print(f"{journey.repository.name}: {total} ({times}): {shown or 'nothing'}")


def _is_right(journey: Journey) -> bool:
    repository = journey.repository
    return journey.problems == [(repository.rule, repository.place)]


if __name__ == "__main__":
    sys.exit(main())
