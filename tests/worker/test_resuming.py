"""A check continues past failures that end torch's export, with values of eager mode."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from export_lsp.stages import Stage
from tests.checking import Checked, Worker

HEAD = """\
import os, threading, time, uuid
import torch

CALLS = []
LOCK = threading.Lock()


class Net(torch.nn.Module):
    def forward(self, x):
"""
TAIL = """
model = Net()
example_args = (torch.tensor([3.0, 1.0, 2.0]),)
"""
CAPTURE: tuple[Stage, ...] = ("load", "build", "inputs", "capture")


class Forward:
    """Checks a model whose ``forward`` has a given body."""

    def __init__(self, worker: Worker, folder: Path) -> None:
        self._worker = worker
        self._file = folder / "model.py"

    def check(self, body: str, *, shapes: str = "None", **fields: object) -> Checked:
        body = textwrap.indent(textwrap.dedent(body).strip("\n"), " " * 8)
        self._file.write_text(f"{HEAD}{body}\n{TAIL}dynamic_shapes = {shapes}\n")
        return self._worker.check(self._file, **fields)

    def found(self, body: str, *, shapes: str = "None", **fields: object) -> list[str]:
        """Return the lines of the body that have findings, without indentation."""
        findings = self.check(body, shapes=shapes, **fields).findings
        lines = self._file.read_text().splitlines()
        places = sorted({finding.location.start.line for finding in findings})
        return [lines[place].strip() for place in places]


@pytest.fixture
def forward(worker: Worker, tmp_path: Path) -> Forward:
    return Forward(worker, tmp_path)


def test_the_side_that_eager_mode_takes_is_traced(forward: Forward) -> None:
    found = forward.found("""
        if x.sum() > 100:
            x = x.numpy()
        else:
            if x.max() > 2:
                x = x + 1
        return x
    """)
    assert found == ["if x.sum() > 100:", "if x.max() > 2:"]


def test_both_sides_are_traced_without_values(forward: Forward) -> None:
    found = forward.found("""
        x = x.to("cuda")
        if x.sum() > 0:
            if x.max() > 3:
                x = x + 1
        else:
            if x.min() < 2:
                raise ValueError("none")
        return x
    """)
    assert found == ["if x.sum() > 0:", "if x.max() > 3:", "if x.min() < 2:"]


def test_numbers_have_the_examples_values(forward: Forward) -> None:
    # The loop has three iterations; the last one reaches the second guard.
    found = forward.found("""
        for i in range(int(x.max())):
            if i == 2:
                if x.min() > 0:
                    x = x * 2
        return x
    """)
    assert found == ["for i in range(int(x.max())):", "if x.min() > 0:"]


def test_the_eager_run_does_not_change_the_users_objects(forward: Forward) -> None:
    checked = forward.check(
        """
        CALLS.append(1)
        if x.sum() > 0:
            x = x + len(CALLS)
        print("calls", len(CALLS))
        return x
        """,
        modes=("non-strict",),
        stages=CAPTURE,
    )
    assert [finding.rule for finding in checked.findings] == ["data-dependent-branch"]
    # Once, by the trace: changes and output of the eager run end with its process.
    assert checked.output.split() == ["calls", "1"]


def test_a_swallowed_guard_is_a_silent_finding(forward: Forward) -> None:
    checked = forward.check(
        """
        try:
            if x.sum() > 0:
                x = x + 1
        except Exception:
            x = x - 1
        return x
        """,
        modes=("non-strict",),
    )
    [finding] = checked.findings
    assert finding.silent
    assert "`except`" in finding.message


def test_exceptions_that_the_users_code_handles_are_not_findings(forward: Forward) -> None:
    body = """
        try:
            return x + x.numpy()
        except RuntimeError:
            return x * 2
    """
    assert forward.found(body, modes=("non-strict",), stages=CAPTURE) == []


def test_strict_mode_resumes_after_graph_breaks(forward: Forward) -> None:
    found = forward.found(
        """
        started = time.time()
        with LOCK:
            x = x + 1
        name = uuid.uuid4()
        if os.path.exists("/nonexistent"):
            x = x * 2
        return x + len(str(name)) + x.data_ptr() % 1
        """,
        modes=("strict",),
        stages=CAPTURE,
    )
    assert found == [
        "started = time.time()",
        "with LOCK:",
        "name = uuid.uuid4()",
        'if os.path.exists("/nonexistent"):',
        "return x + len(str(name)) + x.data_ptr() % 1",
    ]


def test_another_round_continues_past_a_failure_that_cannot_resume(forward: Forward) -> None:
    found = forward.found(
        """
        scale = {3: 2.0}[x.shape[0]]
        if x.sum() > 0:
            x = x * scale
        return x
        """,
        shapes="{'x': {0: torch.export.Dim('n', min=2)}}",
        modes=("non-strict",),
    )
    assert found == ["scale = {3: 2.0}[x.shape[0]]", "if x.sum() > 0:"]


def test_a_model_that_fails_in_eager_mode_ends_there(forward: Forward) -> None:
    found = forward.found("""
        if x.sum() > 0:
            x = x @ torch.ones(4, 4)
        if x.max() > 0:
            x = x + 1
        return x
    """)
    assert found == ["if x.sum() > 0:", "x = x @ torch.ones(4, 4)"]
