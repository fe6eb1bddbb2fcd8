"""Run torch's own tools on model files: ``torch.export.export`` in both modes, ``draft_export``.

A warm process (`tests.answer_processes`) that forks for every file and tool: the path of a file in,
a `ToolReport` for each tool out.  As in the worker, targets are discovered, models have real
parameters, and code that asks for a missing CUDA device continues.

Usage: ``python -m tests.benchmarks.torch_reports``.
"""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from export_lsp.worker.data.target import Built, Target
from export_lsp.worker.execution import device
from export_lsp.worker.hosts import warm_up_models
from export_lsp.worker.private import device_guard
from export_lsp.worker.stages import load
from export_lsp.worker.system.forked_call import call_in_fork
from export_lsp.worker.targets import discover
from export_lsp.worker.user_code.workspace import Workspace
from tests.answer_processes import answer_questions
from tests.benchmarks import named_lines

# Seconds for one tool and one file.
PATIENCE = 60.0


@dataclass(frozen=True)
class ToolReport:
    """The report of a tool about a file.

    Attributes:
        reached: True if there was a model to export.
        failed: True if the tool complained.
        lines: the 0-based lines that it names.
        error: the exception's text; "" if there is none.
    """

    reached: bool = False
    failed: bool = False
    lines: tuple[int, ...] = ()
    error: str = ""


def export(built: Built, *, strict: bool) -> Any:
    return torch.export.export(
        built.model, built.args, built.kwargs, dynamic_shapes=built.dynamic_shapes, strict=strict
    )


def non_strict(built: Built, file: str) -> set[int] | None:
    export(built, strict=False)
    return None


def strict(built: Built, file: str) -> set[int] | None:
    export(built, strict=True)
    return None


def draft_export(built: Built, file: str) -> set[int] | None:
    program: Any = torch.export.draft_export(
        built.model, built.args, built.kwargs, dynamic_shapes=built.dynamic_shapes
    )
    report = program._report
    if report.successful():
        return None
    from torch._logging.structured import INTERN_TABLE

    names = {number: name for name, number in INTERN_TABLE.items()}
    return named_lines.of_report(report, file, names)


# Each exports and returns the lines that it complains about; None if it does not complain.
TOOLS: dict[str, Callable[[Built, str], set[int] | None]] = {
    "non-strict": non_strict,
    "strict": strict,
    "draft_export": draft_export,
}


def run_tool(tool: str, file: str) -> ToolReport:
    """Run a tool on all targets of a file, in this process."""
    targets = _targets(file)
    report = ToolReport()
    for target in targets:
        if tool != "draft_export" and target.modes is not None and tool not in target.modes:
            continue
        try:
            with device.build_context("real"):
                built = Built(
                    target.model(), target.args(), target.kwargs(), target.dynamic_shapes()
                )
        except BaseException:
            continue
        report = _joined(report, _run_on(tool, built, file))
    return report


def _targets(file: str) -> list[Target]:
    folder = os.path.dirname(file)
    os.chdir(folder)
    sys.argv = [file]
    sys.path.insert(0, folder)
    try:
        with device.build_context("real"):
            return discover(load.import_file(file), Workspace(folder).read(file), ())
    except BaseException:
        return []


def _run_on(tool: str, built: Built, file: str) -> ToolReport:
    try:
        lines = TOOLS[tool](built, file)
    except BaseException as error:
        lines = named_lines.of_exception(error, file)
        return ToolReport(
            True, True, tuple(sorted(lines)), f"{type(error).__name__}: {error}"[:300]
        )
    return ToolReport(True, lines is not None, tuple(sorted(lines or ())))


def _joined(one: ToolReport, other: ToolReport) -> ToolReport:
    return ToolReport(
        one.reached or other.reached,
        one.failed or other.failed,
        tuple(sorted({*one.lines, *other.lines})),
        one.error or other.error,
    )


def run_tool_in_fork(tool: str, file: str) -> ToolReport:
    """Run a tool in a fork, which may hang or crash."""
    report = call_in_fork(lambda: run_tool(tool, file), timeout=PATIENCE)
    return report or ToolReport(reached=True, failed=True, error="no answer")


def warm_up() -> None:
    """Run each tool once, and make a missing CUDA device behave as it does in the worker."""
    torch.set_num_threads(1)
    device_guard.install_device_guard()
    good = Built(warm_up_models.GoodModel(), warm_up_models.good_inputs(), None, None)
    for tool in TOOLS.values():
        tool(good, "")
    torch._dynamo.reset()


def answer(file: str) -> dict[str, Any]:
    return {tool: dataclasses.asdict(run_tool_in_fork(tool, file)) for tool in TOOLS}


if __name__ == "__main__":
    answer_questions(answer, warm_up)
