"""The command that runs what needs a GPU: what it says without one, and what counts as failed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.gpu import ROOT, Part, failure, report


def test_without_a_gpu_it_says_so_in_a_sentence() -> None:
    pytest.importorskip("torch")
    ended = subprocess.run(
        [sys.executable, "-m", "tests.gpu"],
        cwd=ROOT,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    said = "This machine has no CUDA device that torch can use: nothing was run.\n"
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, said, "")


@pytest.mark.parametrize(
    ("status", "output", "expected"),
    [
        (0, "2 passed in 9 s", ""),
        (1, "1 failed, 1 passed", "exit status 1"),
        (5, "no tests ran", "exit status 5"),
        (0, "1 passed, 1 skipped in 9 s", "1 skipped"),
    ],
)
def test_skipped_tests_are_failures(status: int, output: str, expected: str) -> None:
    assert failure(status, output) == expected


def test_the_report_begins_with_the_device_and_the_parts() -> None:
    text = report("A GPU", [Part("tests", "", "1 passed\n"), Part("figures", "exit status 1", "")])
    assert text.startswith(
        "A GPU\ntests: passed\nfigures: exit status 1\n\n== tests ==\n1 passed\n"
    )
