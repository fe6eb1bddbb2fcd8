"""Checks models of public libraries beside plain torch, and prints a table.

Each model is exported by plain torch in both modes, each in a process of its own, and checked by
export-lsp; a model with a fix that is said to export is exported by plain torch again.  What is
known is kept in a result file, so that the command goes on where it was stopped.  The libraries
take turns, and each turn has models from all over its library: the table is a fair sample at any
time.  ``--verdict "false alarm"`` prints the cases of a verdict.

Usage: ``python -m tests.wild [--match TEXT] [--sample N] [--again] [--table] [LIBRARY…]``
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from tests.wild.case import CaseFile, Library, files
from tests.wild.environments import python_of
from tests.wild.libraries import LIBRARIES
from tests.wild.order import turns
from tests.wild.results import Kept
from tests.wild.table import print_cases, print_table
from tests.wild.trial import check_cases
from tests.wild.verdict import VERDICTS, WRONG

# In how many turns a library is checked: each begins with an import of it.
TURNS = 8


def main() -> int:
    options = _options()
    directory: Path = options.directory
    directory.mkdir(parents=True, exist_ok=True)
    kept = Kept(directory / "results.jsonl")
    names = options.library or list(LIBRARIES)
    if not options.table:
        _check(names, options, kept)
    counts = {name: sum(1 for _ in files(LIBRARIES[name])) for name in names}
    results = [result for result in kept.results if result.library in counts]
    print_table(results, counts)
    if options.verdict:
        print_cases(results, options.verdict)
    return 1 if any(result.verdict in WRONG for result in results) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.wild", description=__doc__)
    parser.add_argument("library", nargs="*", choices=[[], *LIBRARIES], metavar="LIBRARY")
    parser.add_argument("--match", default="", help="only cases whose name contains this")
    parser.add_argument("--sample", type=int, default=0, help="only every N-th case")
    parser.add_argument("--again", action="store_true", help="check again what is known")
    parser.add_argument("--table", action="store_true", help="only print what is known")
    parser.add_argument("--verdict", choices=list(VERDICTS), help="print the cases of a verdict")
    parser.add_argument("--python", type=Path, help="an interpreter that has the library already")
    parser.add_argument(
        "--directory",
        type=Path,
        default=platformdirs.user_cache_path("export-lsp-wild"),
        help="where environments, files and results are kept (default: %(default)s)",
    )
    return parser.parse_args()


def _check(names: list[str], options: argparse.Namespace, kept: Kept) -> None:
    waiting = {name: list(_selected(LIBRARIES[name], options, kept)) for name in names}
    without_environment: set[str] = set()
    for name, cases in turns(waiting, TURNS):
        if name in without_environment:
            continue
        try:
            python = options.python or _environment(LIBRARIES[name], options.directory)
        except subprocess.CalledProcessError as error:
            print(f"{name}: no environment: {error}", file=sys.stderr)
            without_environment.add(name)
            continue
        asyncio.run(check_cases(LIBRARIES[name], cases, python, options.directory, kept))


def _selected(library: Library, options: argparse.Namespace, kept: Kept) -> Iterator[CaseFile]:
    for index, file in enumerate(files(library)):
        if options.sample and index % options.sample:
            continue
        if options.match in file.name and (options.again or file not in kept):
            yield file


def _environment(library: Library, directory: Path) -> Path:
    print(f"{library.name}: environment …", file=sys.stderr)
    return python_of(library, directory / "environments")


if __name__ == "__main__":
    sys.exit(main())
