"""Failures for lack of memory: whose limit was reached, and the message."""

from __future__ import annotations

import errno

import pytest

from export_lsp.protocol import Mode
from export_lsp.stages import Stage
from export_lsp.worker.places.lack_of_memory import memory_finding
from export_lsp.worker.private import errors
from export_lsp.worker.stages import load
from export_lsp.worker.system import limits
from tests.recorded_failures import FILE, Code

CODE = Code("y = x @ x\n")
ALLOCATOR = RuntimeError(
    "[enforce fail at alloc_cpu.cpp:127] . DefaultCPUAllocator: can't allocate memory: you tried to"
    " allocate 4000000000000 bytes. Error code 12 (Cannot allocate memory)"
)
OURS = "more memory than export-lsp allows a check, which says nothing about the model"


class GpuMemoryError(RuntimeError):
    """As torch raises it."""


@pytest.fixture(autouse=True)
def limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "is_memory_limited", lambda: True)
    monkeypatch.setattr(errors, "GPU_MEMORY", (GpuMemoryError,))
    monkeypatch.setattr(errors, "MEMORY", (MemoryError, GpuMemoryError))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), OURS),
        (ALLOCATOR, OURS),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), OURS),
        (GpuMemoryError("CUDA out of memory."), "Raise the `gpu-memory-fraction` setting"),
    ],
)
@pytest.mark.parametrize("mode", ["non-strict", "strict"])
def test_a_limit_is_reported_as_ours(error: Exception, words: str, mode: Mode) -> None:
    finding = memory_finding(CODE.failure(error, "x @ x", mode=mode))
    assert finding is not None
    assert (finding.rule, finding.limit) == ("out-of-memory", True)
    assert finding.title == "Out of memory: `x @ x`"
    assert words in finding.explanation


@pytest.mark.parametrize("stage", ["run", "save", "decompose"])
def test_after_the_export_the_message_names_the_stages_left_out(stage: Stage) -> None:
    finding = memory_finding(CODE.failure(MemoryError(), "x @ x", stage=stage))
    assert finding is not None
    assert finding.explanation.startswith(f"The model exports, but `{stage}` was left out")
    assert "Raise the `memory-limit` setting" in finding.message
    assert finding.limit


def test_a_machine_without_more_memory_is_no_limit_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "is_memory_limited", lambda: False)
    finding = memory_finding(CODE.failure(MemoryError(), "x @ x"))
    assert finding is not None
    assert finding.explanation == (
        "It needs more memory than this machine has. Check a smaller configuration."
    )


@pytest.mark.parametrize(
    "error", [ValueError("no memory"), OSError(errno.ENOENT, "No such file"), KeyError("memory")]
)
def test_another_failure_is_no_lack_of_memory(error: Exception) -> None:
    assert memory_finding(CODE.failure(error, "x @ x")) is None


def test_a_file_that_needs_too_much() -> None:
    finding = load.explain(MemoryError(), FILE, CODE.workspace)
    assert (finding.rule, finding.stage, finding.limit) == ("out-of-memory", "load", True)
    assert finding.explanation.startswith(f"Importing the file needs {OURS}. Raise the")
    finding = load.explain_declaration(MemoryError(), FILE, CODE.workspace)
    assert (finding.rule, finding.stage, finding.limit) == ("out-of-memory", "build", True)
