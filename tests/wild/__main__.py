"""Checks models of public libraries beside plain torch, and prints a table.

Each model is exported by plain torch in both modes, each in a process of its own, and checked by
export-lsp.  What is known is kept in a result file, so that the command goes on where it was
stopped.  ``--verdict "false alarm"`` prints the cases of a verdict.

Usage: ``python -m tests.wild [--match TEXT] [--sample N] [--again] [LIBRARY…]``
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import platformdirs

from export_lsp.engine.hosts import WorkerHost
from tests.wild import plain
from tests.wild.case import CaseFile, Library, files
from tests.wild.checked import check, worker
from tests.wild.environments import python_of
from tests.wild.libraries import LIBRARIES
from tests.wild.table import print_cases, print_table
from tests.wild.verdict import VERDICTS, Plain, judged


@dataclass(frozen=True)
class Result:
    """A line of the result file: the verdict on one file, seconds and peak memory in bytes."""

    library: str
    name: str
    verdict: str
    because: str
    plain_seconds: float
    check_seconds: float
    peak_memory: int


def main() -> int:
    options = _options()
    directory: Path = options.directory
    directory.mkdir(parents=True, exist_ok=True)
    kept = Kept(directory / "results.jsonl")
    libraries = [LIBRARIES[name] for name in options.library or LIBRARIES]
    for library in libraries:
        cases = list(_selected(library, options, kept))
        if cases:
            python = options.python or _environment(library, directory)
            asyncio.run(check_cases(library, cases, python, directory, kept))
    wanted = {library.name for library in libraries}
    results = [asdict(result) for result in kept.results if result.library in wanted]
    print_table(results)
    if options.verdict:
        print_cases(results, options.verdict)
    return 1 if any(r["verdict"] in ("false alarm", "missed") for r in results) else 0


class Kept:
    """The result file: a line of JSON for each file; the last one for a file counts."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._results: dict[tuple[str, str], Result] = {}
        if path.exists():
            for line in path.read_text().splitlines():
                self._take(Result(**json.loads(line)))

    @property
    def results(self) -> list[Result]:
        return list(self._results.values())

    def __contains__(self, file: CaseFile) -> bool:
        return (file.library, file.name) in self._results

    def add(self, result: Result) -> None:
        self._take(result)
        with self._path.open("a") as stream:
            stream.write(json.dumps(asdict(result)) + "\n")

    def _take(self, result: Result) -> None:
        self._results[result.library, result.name] = result


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.wild", description=__doc__)
    parser.add_argument("library", nargs="*", choices=[[], *LIBRARIES], metavar="LIBRARY")
    parser.add_argument("--match", default="", help="only cases whose name contains this")
    parser.add_argument("--sample", type=int, default=0, help="only every N-th case")
    parser.add_argument("--again", action="store_true", help="check again what is known")
    parser.add_argument("--verdict", choices=list(VERDICTS), help="print the cases of a verdict")
    parser.add_argument("--python", type=Path, help="an interpreter that has the library already")
    parser.add_argument(
        "--directory",
        type=Path,
        default=platformdirs.user_cache_path("export-lsp-wild"),
        help="where environments, files and results are kept (default: %(default)s)",
    )
    return parser.parse_args()


def _selected(library: Library, options: argparse.Namespace, kept: Kept) -> Iterator[CaseFile]:
    for index, file in enumerate(files(library)):
        if options.sample and index % options.sample:
            continue
        if options.match in file.name and (options.again or file not in kept):
            yield file


def _environment(library: Library, directory: Path) -> Path:
    print(f"{library.name}: environment …", file=sys.stderr)
    return python_of(library, directory / "environments")


async def check_cases(
    library: Library, cases: list[CaseFile], python: Path, directory: Path, kept: Kept
) -> None:
    """Check cases with the library's interpreter, and add the results to those kept."""
    folder = directory / "files" / library.name
    folder.mkdir(parents=True, exist_ok=True)
    exporter = subprocess.Popen(
        [str(python), plain.__file__, library.module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    try:
        async with worker(python) as host:
            for index, case in enumerate(cases, 1):
                result = await _one(case, folder, exporter, host)
                kept.add(result)
                told = f"{index}/{len(cases)} {library.name} {case.name}: {result.verdict}"
                print(f"{told} ({result.plain_seconds:.1f} s, {result.check_seconds:.1f} s)")
    finally:
        exporter.kill()
        exporter.wait()


async def _one(
    case: CaseFile, folder: Path, exporter: subprocess.Popen[str], host: WorkerHost
) -> Result:
    file = folder / case.file_name
    file.write_text(case.text)
    answers = await asyncio.to_thread(_exported, exporter, file)
    checked = await check(host, file)
    verdict, because = judged(str(file), answers, checked)
    return Result(
        case.library,
        case.name,
        verdict,
        because,
        round(sum(answer.seconds for answer in answers.values()), 2),
        round(checked.seconds, 2),
        checked.peak_memory,
    )


def _exported(exporter: subprocess.Popen[str], file: Path) -> dict[str, Plain]:
    assert exporter.stdin is not None
    assert exporter.stdout is not None
    exporter.stdin.write(f"{file}\n")
    exporter.stdin.flush()
    answers = json.loads(exporter.stdout.readline())
    return {mode: Plain.of(answer) for mode, answer in answers.items()}


if __name__ == "__main__":
    sys.exit(main())
