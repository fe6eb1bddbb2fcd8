"""A check that resumes from a snapshot has the findings of a check from scratch.

This compares some of the corpus; `python -m tests.both_ways` compares all of it.
"""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.corpus_annotations import CORPUS

# One of this many files: those that can be compared in half a minute.
EVERY = 18


@pytest.mark.long
def test_the_findings_are_the_same() -> None:
    files = [str(file) for file in sorted(CORPUS.rglob("*.py"))[::EVERY]]
    command = [sys.executable, "-m", "tests.both_ways", "--quick", "--edits", "1", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    same = re.search(r"(\d+) same\b(?! with)", done.stdout)
    assert same is not None, done.stdout
    assert int(same[1]) > len(files)
