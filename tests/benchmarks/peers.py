"""What torch itself says of model files: ``torch.export.export`` in both modes, ``draft_export``.

A warm process that forks for every file and tool, as the worker does: for a file's path it gives,
for each tool, a `Said` (`tests.answer_processes`).  Targets are found as the worker
finds them, models are made for real, and code that wants a CUDA device is met half-way, likewise.

Usage: ``python -m tests.benchmarks.peers``.
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
class Said:
    """What a tool said of a file.

    `reached` tells whether there was a model to export, `failed` whether the tool complained, and
    `lines` are those it names, from 0.
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


# Each exports and gives the lines of its complaints; None if it has none.
TOOLS: dict[str, Callable[[Built, str], set[int] | None]] = {
    "non-strict": non_strict,
    "strict": strict,
    "draft_export": draft_export,
}


def ask(tool: str, file: str) -> Said:
    """What a tool says of all targets of a file, in this process."""
    targets = _targets(file)
    said = Said()
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
        said = _joined(said, _said(tool, built, file))
    return said


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


def _said(tool: str, built: Built, file: str) -> Said:
    try:
        lines = TOOLS[tool](built, file)
    except BaseException as error:
        lines = named_lines.of_exception(error, file)
        return Said(True, True, tuple(sorted(lines)), f"{type(error).__name__}: {error}"[:300])
    return Said(True, lines is not None, tuple(sorted(lines or ())))


def _joined(one: Said, other: Said) -> Said:
    return Said(
        one.reached or other.reached,
        one.failed or other.failed,
        tuple(sorted({*one.lines, *other.lines})),
        one.error or other.error,
    )


def ask_forked(tool: str, file: str) -> Said:
    """Like `ask`, in a process that may hang or die of it."""
    said = call_in_fork(lambda: ask(tool, file), timeout=PATIENCE)
    return said or Said(reached=True, failed=True, error="no answer")


def warm_up() -> None:
    """Walk each tool's way once, and make the absent device look as it does in the worker."""
    torch.set_num_threads(1)
    device_guard.install_device_guard()
    good = Built(warm_up_models.GoodModel(), warm_up_models.good_inputs(), None, None)
    for tool in TOOLS.values():
        tool(good, "")
    torch._dynamo.reset()


def answer(file: str) -> dict[str, Any]:
    return {tool: dataclasses.asdict(ask_forked(tool, file)) for tool in TOOLS}


if __name__ == "__main__":
    answer_questions(answer, warm_up)
