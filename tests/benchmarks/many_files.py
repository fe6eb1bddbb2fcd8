"""Measure `export-lsp check` on many files, beside plain exports of the same files.

The plain exports take turns with the checks: as many processes as there are checks at once, each of
which imports torch once and exports its share of the files in both modes.

Usage: ``python -m tests.benchmarks.many_files [--files N] [--rounds N] [--others N]``.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from export_lsp.engine.scheduling.slots import available_cores
from tests.benchmarks.side_by_side import ratios, spread
from tests.benchmarks.small_models import write_small_models
from tests.conftest import clean_environment

# Files that are run as scripts, one after another.
SCRIPTS = 4
# Files that declare a target among many that do not.
DECLARED = 20
LIBRARY = "import os\n\n" + "\n".join(
    f"def function_{number}(a, b):\n    return a + b * {number}\n\n" for number in range(40)
)
SCRIPT = """
for strict in (False, True):
    torch.export.export(model, example_args, strict=strict)
"""


@dataclass
class Measured:
    """Seconds of each round; `plain` is the sum of the plain exports ÷ the checks at once."""

    plain: list[float] = field(default_factory=list)
    scripts: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    second: list[float] = field(default_factory=list)
    changed: list[float] = field(default_factory=list)
    begun: list[float] = field(default_factory=list)


def plain_seconds(files: Sequence[Path], at_once: int) -> float:
    """Export all files in this many processes; return the sum of their exports ÷ processes."""
    script = Path(__file__).with_name("plain_batch.py")
    running = [
        subprocess.Popen(
            [sys.executable, str(script), *map(str, files[number::at_once])],
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(at_once)
    ]
    answers = [process.communicate()[0] for process in running]
    return sum(float(line) for answer in answers for line in answer.split()) / at_once


def script_seconds(files: Iterable[Path], scratch: Path) -> float:
    """Return the mean time of a file as a script that exports its model in both modes."""
    times = []
    for file in files:
        script = scratch / "script.py"
        script.write_text(f"{file.read_text()}{SCRIPT}")
        started = time.perf_counter()
        subprocess.run([sys.executable, str(script)], capture_output=True, check=False)
        times.append(time.perf_counter() - started)
    return statistics.fmean(times)


class CheckCommand:
    """Runs ``export-lsp check`` in a folder, with an empty cache at first."""

    def __init__(self, folder: Path, home: Path, at_once: int) -> None:
        self._folder = folder
        self._environment = clean_environment(home)
        self._command = [
            *(sys.executable, "-m", "export_lsp", "check", "--python", sys.executable),
            *("-j", str(at_once)),
        ]

    def seconds(self, *arguments: str) -> float:
        """Return how long a check takes; it must find nothing."""
        started = time.perf_counter()
        done = subprocess.run(
            [*self._command, *arguments],
            cwd=self._folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - started
        assert done.returncode == 0, done.stdout + done.stderr
        return seconds

    def seconds_to_first_check(self) -> float:
        """Return the time until the first check has begun; end the command then."""
        started = time.perf_counter()
        with subprocess.Popen(
            [*self._command, "--verbose"],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stderr is not None
            next(line for line in process.stderr if "importing the file" in line)
            seconds = time.perf_counter() - started
            process.terminate()
        return seconds


def measure(root: Path, count: int, others: int, rounds: int, at_once: int) -> Measured:
    measured = Measured()
    models, tree = root / "models", root / "tree"
    models.mkdir()
    files = write_small_models(models, count)
    write_tree(tree, files[:DECLARED], others)
    for number in range(rounds):
        measured.plain.append(plain_seconds(files, at_once))
        command = CheckCommand(models, root / f"home-{number}", at_once)
        measured.first.append(command.seconds())
        measured.second.append(command.seconds())
        files[0].write_text(f"{files[0].read_text()}number = {number}\n")
        measured.changed.append(command.seconds())
        measured.scripts.append(script_seconds(files[:SCRIPTS], root) * count / at_once)
        tree_command = CheckCommand(tree, root / f"tree-home-{number}", at_once)
        measured.begun.append(tree_command.seconds_to_first_check())
    return measured


def write_tree(tree: Path, declared: Sequence[Path], others: int) -> None:
    """Write a tree of many files, of which a few declare a target."""
    for number in range(others):
        folder = tree / f"package_{number % 100}" / f"part_{number % 10}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"module_{number}.py").write_text(LIBRARY)
    for number, file in enumerate(declared):
        target = tree / f"package_{number % 100}" / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(file.read_text())


def report(measured: Measured, count: int, others: int, at_once: int) -> Table:
    table = Table(
        title=f"{count} files of small operators and models, {at_once} at once; median (range)",
        caption="Plain exports: both modes in a warm process, their sum ÷ the checks at once.",
    )
    table.add_column("", no_wrap=True)
    table.add_column("", justify="right")
    table.add_row("plain exports, s", spread(measured.plain))
    table.add_row("a script for each, both modes, s", spread(measured.scripts))
    table.add_row("first check, s", spread(measured.first), end_section=True)
    table.add_row("first check ÷ plain exports", spread(ratios(measured.first, measured.plain)))
    table.add_row("first check ÷ scripts", spread(ratios(measured.first, measured.scripts)))
    table.add_row("the same again, s", spread(measured.second))
    table.add_row("again after an edit of one file, s", spread(measured.changed))
    table.add_row(
        f"{DECLARED} targets in {others:,} files: begins a check after, s", spread(measured.begun)
    )
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description="Many files, beside plain exports of them.")
    parser.add_argument("--files", type=int, default=250)
    parser.add_argument("--others", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=available_cores())
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        measured = measure(root, options.files, options.others, options.rounds, options.jobs)
    Console(width=120).print(report(measured, options.files, options.others, options.jobs))


if __name__ == "__main__":
    main()
