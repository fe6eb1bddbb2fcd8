"""`save`: the program is written and read back."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from dataclasses import replace

import torch
from torch.export import ExportedProgram
from torch.fx import Node

from export_lsp.protocol import Finding
from export_lsp.worker.data.frame import Frame
from export_lsp.worker.data.traced_program import ProgramOptions, TracedProgram
from export_lsp.worker.graph import program_graph
from export_lsp.worker.places import node_frames
from export_lsp.worker.places.failure import Failure, memory_finding, reason
from export_lsp.worker.places.return_site import return_expression
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.private import errors
from export_lsp.worker.stages.save import containers
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.exception_text import USER_ERRORS
from export_lsp.worker.text.sentences import shortened
from export_lsp.worker.text.torch_text import without_symbols

# How torch names the node that it was writing, and the one that a read program is refused for.
WRITING = re.compile(r"Failed serializing node (\w+) in graph")
REFUSED = re.compile(r"Node\.meta (\w+) is missing val field")


def check(
    exported: TracedProgram, declaration: Declaration, options: ProgramOptions
) -> Iterator[Finding]:
    """Write the program with ``torch.export.save``, load it back, and yield what fails.

    A program that answers of ours went into is left out: what is asserted for an answered guard
    may hold what torch cannot write (torch 2.13).
    """
    if exported.altered:
        options.log("`save` is left out: the program has answers of ours in it")
        return
    program = exported.program
    if program_graph.lacks_data(program):
        return
    try:
        with _weightless(program):
            file = io.BytesIO()
            torch.export.save(program, file)
            file.seek(0)
            torch.export.load(file)
    except USER_ERRORS as error:
        workspace = declaration.workspace
        failure = Failure(
            error, "save", exported.mode, declaration.target, workspace, SymbolTracker(workspace)
        )
        yield from explain(failure, declaration, program)


@contextlib.contextmanager
def _weightless(program: ExportedProgram) -> Iterator[None]:
    """Within, dense parameters and buffers have their size and take no memory or file."""
    state = program.state_dict
    kept = dict(state)
    for name, tensor in kept.items():
        if tensor.layout is torch.strided and not tensor.is_quantized:
            hollow = torch.zeros((), dtype=tensor.dtype).expand(tensor.shape)
            if isinstance(tensor, torch.nn.Parameter):
                hollow = torch.nn.Parameter(hollow, tensor.requires_grad)
            state[name] = hollow
    try:
        yield
    finally:
        state.update(kept)


def explain(failure: Failure, declaration: Declaration, program: ExportedProgram) -> list[Finding]:
    """The findings of a program that cannot be saved, or not be loaded: everything that is known
    to have no form on disk, or the node that torch stopped at.

    A program with constants on CUDA can only be loaded where there is a GPU.
    """
    memory = memory_finding(failure)
    if memory is not None:
        return [memory]
    if errors.wants_cuda(failure.text):
        return []
    found = [
        *containers.explain(failure, declaration, program),
        *_state(failure, program),
        *_nodes(failure, program),
    ]
    return found or [
        failure.finding(
            "serialization-error",
            "The exported program cannot be saved and loaded back:"
            f" {without_symbols(reason(failure.error))}",
            location=return_expression(failure.workspace, declaration.built),
        )
    ]


def _state(failure: Failure, program: ExportedProgram) -> Iterator[Finding]:
    """Sparse and quantized state, at its first use."""
    signature = program.graph_signature
    names = {**signature.inputs_to_parameters, **signature.inputs_to_buffers}
    for node in program.graph.nodes:
        tensor = program.state_dict.get(names.get(node.name, ""))
        if node.op != "placeholder" or tensor is None or tensor.layout is torch.strided:
            continue
        layout = str(tensor.layout).removeprefix("torch.")
        blamed = replace(failure, frames=_first_use(node, failure))
        yield blamed.finding(
            "serialization-error",
            f"The buffer `{names[node.name]}` is a `{layout}` tensor, and `torch.export.save`"
            " writes dense ones only; keep it dense, or keep its indices and values as buffers",
        )


def _first_use(node: Node, failure: Failure) -> list[Frame]:
    for user in node.users:
        frames = node_frames.frames_of_node(user, failure.workspace)
        if frames:
            return frames
    return []


def _nodes(failure: Failure, program: ExportedProgram) -> Iterator[Finding]:
    """The node that torch could not write or read, and those that call the same."""
    match = WRITING.search(failure.text) or REFUSED.search(failure.text)
    node = program_graph.node_named(program, match[1]) if match else None
    if node is None:
        return
    places = set()
    for same in program_graph.calls(program, node.target):
        frames = node_frames.frames_of_node(same, failure.workspace)
        inside = program_graph.inner_nodes(program, same)
        for inner in inside:
            frames = frames or node_frames.frames_of_node(inner, failure.workspace)
        blamed = replace(failure, frames=frames)
        if blamed.location not in places and (same is node or _alike(same, node)):
            places.add(blamed.location)
            yield blamed.finding("serialization-error", _told(blamed, node))


def _alike(node: Node, other: Node) -> bool:
    """Whether a call fails as another one does: an operator's own arguments matter to it."""
    if isinstance(node.target, torch._ops.OpOverload):
        constants = [[a for a in n.args if not isinstance(a, Node)] for n in (node, other)]
        return constants[0] == constants[1] and node.kwargs == other.kwargs
    return bool(node.users) == bool(other.users)


def _told(failure: Failure, node: Node) -> str:
    expression = shortened(failure.expression)
    name = getattr(node.target, "__name__", str(node.target))
    if name.startswith("wrap_with_"):
        return (
            f"`{expression}` stands in a block (`with torch.no_grad():` or alike) out of which the"
            " program takes no tensor, and a program with such a block cannot be loaded back; take"
            " it out of the block, or call `run_decompositions()` on the program before saving it"
        )
    if not isinstance(node.target, torch._ops.OperatorBase):
        return (
            f"`{expression}` computes with a size, and `torch.export.save` cannot write `{name}` of"
            " sizes; use other arithmetic for it, or make the size static"
        )
    cause = failure.error.__cause__ or failure.error.__context__
    why = f": {without_symbols(reason(cause))}" if cause is not None else ""
    return f"`{expression}` becomes `{name}`, which `torch.export.save` cannot write{why}"
