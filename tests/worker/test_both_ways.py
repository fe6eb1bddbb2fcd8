"""A check that goes on from a snapshot says what a check from the start says.

Of some of the corpus; `python -m tests.both_ways` compares all of it, with more edits.
"""

from __future__ import annotations

import re
import subprocess
import sys

from tests.annotated import CORPUS

# As many as can be compared in half a minute.
EVERY = 18


def test_the_findings_are_the_same() -> None:
    files = [str(file) for file in sorted(CORPUS.rglob("*.py"))[::EVERY]]
    command = [sys.executable, "-m", "tests.both_ways", "--quick", "--edits", "1", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    same = re.search(r"(\d+) same", done.stdout)
    assert same is not None, done.stdout
    assert int(same[1]) > len(files)
