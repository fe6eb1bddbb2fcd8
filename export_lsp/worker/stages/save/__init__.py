"""`save`: writes the program with ``torch.export.save`` and loads it back."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator

import torch
from torch.export import ExportedProgram

from export_lsp.protocol import Finding
from export_lsp.worker.data.traced_program import (
    NO_DATA,
    NO_GPU,
    RESUMED,
    ProgramOptions,
    TracedProgram,
)
from export_lsp.worker.graph import program_graph
from export_lsp.worker.places.failure import Failure, reason
from export_lsp.worker.places.lack_of_memory import memory_finding
from export_lsp.worker.places.return_site import return_expression
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.private import errors
from export_lsp.worker.stages.save import inputs_outputs, nodes, state
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.exception_text import USER_ERRORS
from export_lsp.worker.text.sentences import Words, sentence
from export_lsp.worker.text.torch_text import without_symbols


def check(
    exported: TracedProgram, declaration: Declaration, options: ProgramOptions
) -> Iterator[Finding]:
    """Save the program, load it back, and yield what fails.

    A program with constants on CUDA is skipped where there is no GPU to load it.

    A program whose trace was resumed past a failure is skipped: it contains the assertions for the
    guards that were answered, and torch may not be able to write those (torch 2.13).
    """
    if exported.altered:
        options.leave_out(RESUMED)
        return
    program = exported.program
    if program_graph.lacks_data(program):
        options.leave_out(NO_DATA)
        return
    try:
        with _without_values(program):
            file = io.BytesIO()
            torch.export.save(program, file)
            file.seek(0)
            torch.export.load(file)
    except USER_ERRORS as error:
        workspace = declaration.workspace
        failure = Failure(
            error, "save", exported.mode, declaration.target, workspace, SymbolTracker(workspace)
        )
        if errors.wants_cuda(failure.text):
            options.leave_out(NO_GPU)
            return
        yield from explain(failure, declaration, program)


@contextlib.contextmanager
def _without_values(program: ExportedProgram) -> Iterator[None]:
    """While active, the program's dense state takes no memory and next to no room in a file.

    Each tensor keeps its shape, but all its elements are one element in memory.
    """
    state_dict = program.state_dict
    kept = dict(state_dict)
    for name, tensor in kept.items():
        if tensor.layout is torch.strided and not tensor.is_quantized:
            hollow = torch.zeros((), dtype=tensor.dtype).expand(tensor.shape)
            if isinstance(tensor, torch.nn.Parameter):
                hollow = torch.nn.Parameter(hollow, tensor.requires_grad)
            state_dict[name] = hollow
    try:
        yield
    finally:
        state_dict.update(kept)


def explain(failure: Failure, declaration: Declaration, program: ExportedProgram) -> list[Finding]:
    """Return the findings of a program that cannot be saved, or cannot be loaded back.

    Args:
        failure: What ``torch.export.save`` or ``load`` raised; its stack is empty.
        declaration: The target.
        program: The program.

    Returns:
        A finding for everything known to have no form on disk, and for the node torch stopped at;
        without any of these, one for the whole program.
    """
    memory = memory_finding(failure)
    if memory is not None:
        return [memory]
    found = [
        *inputs_outputs.explain(failure, declaration, program),
        *state.explain(failure, program),
        *nodes.explain(failure, program),
    ]
    return found or [
        failure.finding(
            "serialization-error",
            Words(
                "Program that cannot be saved",
                "The exported program cannot be saved and loaded back."
                f" {sentence(without_symbols(reason(failure.error)))}",
            ),
            location=return_expression(failure.workspace, declaration.built),
        )
    ]
