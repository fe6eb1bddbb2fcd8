"""Checks the corpus with other interpreters, whose torch is another, and runs the unit tests there.

An interpreter needs torch, and for the unit tests the extra ``test``.  Its host forks a run for
each file, so that all files take minutes.  For each interpreter the command prints the files whose
findings differ from those that the file states for its versions, and how many agree.

Usage: ``python -m tests.versions [--match TEXT] [--corpus] PYTHON…``
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.checking import Worker
from tests.corpus_annotations import CORPUS, differences
from tests.corpus_versions import Versions
from tests.internal_terms import messages, with_internals

ROOT = Path(__file__).parents[1]

# Seconds for each target of a file: the machine may have other work.
TIMEOUT = 300.0

ASK = """
import json, sys
from importlib import metadata
print(json.dumps([metadata.version("torch"), list(sys.version_info[:2])]))
"""


@dataclass(frozen=True)
class Interpreter:
    """An interpreter, the version of its torch as pip shows it, and both versions as numbers."""

    python: Path
    torch: str
    versions: Versions

    def __str__(self) -> str:
        return f"torch {self.torch}, Python {'.'.join(map(str, self.versions.python))}"


def interpreter(python: Path) -> Interpreter:
    """Ask an interpreter for its versions.

    Raises:
        subprocess.CalledProcessError: it has no torch.
    """
    answer = subprocess.run([python, "-c", ASK], stdout=subprocess.PIPE, check=True).stdout
    torch, version = json.loads(answer)
    numbers = tuple(map(int, torch.split(".")[:2]))
    return Interpreter(python, torch, Versions(numbers, tuple(version)))


def differing(asked: Interpreter, files: Sequence[Path]) -> dict[Path, list[str]]:
    """Check files, and return those with other findings than they state, a line for each."""
    worker = Worker(python=asked.python)
    try:
        checked = worker.check_all(files, timeout=TIMEOUT)
    finally:
        worker.close()
    found = {}
    for file in files:
        findings = checked[file].findings
        lines = differences(file, findings, asked.versions)
        lines += [f"internal terms: {text}" for text in with_internals(messages(findings))]
        if lines:
            found[file] = lines
    return found


def compare(asked: Interpreter, files: Sequence[Path]) -> bool:
    """Check files with an interpreter, and print what differs; return whether all agree."""
    found = differing(asked, files)
    print(f"{asked}: {len(files) - len(found)} of {len(files)} files agree, {len(found)} differ")
    for file, lines in found.items():
        print(f"  {file.relative_to(CORPUS) if file.is_relative_to(CORPUS) else file}")
        for line in lines:
            print(f"    {line}")
    return not found


def unit_tests_pass(asked: Interpreter) -> bool:
    """Run the unit tests with an interpreter; they print what fails."""
    print(f"{asked}: unit tests", flush=True)
    return (
        subprocess.run([asked.python, "-m", "pytest", "-q", "tests/unit"], cwd=ROOT).returncode == 0
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.versions", description=__doc__)
    parser.add_argument("--match", default="", help="only files whose path contains this")
    parser.add_argument("--corpus", action="store_true", help="without the unit tests")
    parser.add_argument("python", nargs="+", type=Path, metavar="PYTHON")
    options = parser.parse_args()
    files = [file for file in sorted(CORPUS.rglob("*.py")) if options.match in str(file)]
    passed = []
    for python in options.python:
        asked = interpreter(python)
        passed.append(compare(asked, files))
        if not options.corpus:
            passed.append(unit_tests_pass(asked))
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
