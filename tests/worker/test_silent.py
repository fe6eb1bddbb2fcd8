"""State that an export leaves behind: hidden from the next export, reported even on failure."""

from __future__ import annotations

from pathlib import Path

from tests.checking import Worker

LEAK = """
import torch
from torch import nn

SEEN = {"first": torch.zeros(3)}


class Writes(nn.Module):
    def forward(self, x):
        SEEN["last"] = x * 2
        return x


class Reads(nn.Module):
    def forward(self, x):
        return x + sum(SEEN.values())


export_targets = {
    "writes": {"model": Writes, "args": (torch.randn(3),)},
    "reads": {"model": Reads, "args": (torch.randn(3),)},
}
"""

FAILS = """
import torch
from torch import nn


class Keeps(nn.Module):
    def __init__(self):
        super().__init__()
        self.last = None

    def forward(self, x):
        self.last = x * 2
        if x.sum() > 0:
            return x
        return -x


model = Keeps
example_args = (torch.randn(3),)
"""


def test_a_leak_of_one_target_is_not_seen_by_the_next(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "leak.py"
    file.write_text(LEAK)
    findings = worker.check(file).findings
    assert {(f.target, f.rule) for f in findings} == {("writes", "unregistered-state")}
    assert all(finding.silent for finding in findings)


def test_leaked_state_is_reported_with_the_failure(tmp_path: Path, worker: Worker) -> None:
    file = tmp_path / "fails.py"
    file.write_text(FAILS)
    findings = worker.check(file, modes=("non-strict",)).findings
    assert {(f.rule, f.silent) for f in findings} == {
        ("data-dependent-branch", False),
        ("unregistered-state", True),
    }
