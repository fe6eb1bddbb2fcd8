"""Changes in place that a program contains and that ``run_decompositions`` refuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch.export import ExportedProgram
from torch.export.graph_signature import InputKind
from torch.utils import _pytree as pytree

from export_lsp.protocol import Finding, Location, Related
from export_lsp.worker.graph import program_graph
from export_lsp.worker.graph.program_graph import Mutation
from export_lsp.worker.places import node_frames
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.sentences import Words


def explain(failure: Failure, declaration: Declaration, program: ExportedProgram) -> list[Finding]:
    """Return a finding for every change in place that does not decompose.

    Args:
        failure: What ``run_decompositions`` raised; its stack is not used.
        declaration: The target.
        program: The program before it was decomposed.

    Returns:
        The findings; empty if something else stopped the decomposition.
    """
    shared = _shared_inputs(declaration, program)
    found: dict[tuple[str, Location], Finding] = {}
    for mutation in program_graph.mutations(program):
        stack = node_frames.stack_of_node(mutation.node, failure.workspace)
        finding = _finding(replace(failure, stack=stack), mutation, declaration, shared)
        if finding is not None:
            found.setdefault((finding.rule, finding.blamed), finding)
    return list(found.values())


def _finding(
    failure: Failure, mutation: Mutation, declaration: Declaration, shared: dict[str, list[str]]
) -> Finding | None:
    changed = _description(mutation)
    if mutation.replaces:
        return failure.finding(
            "decomposition-error",
            Words(
                "Memory replaced in place",
                f"It replaces the memory of {changed}, which cannot be decomposed into core"
                " operators.",
                "Change the values instead (`copy_`).",
            ),
        )
    if mutation.reshapes:
        return failure.finding(
            "decomposition-error",
            Words(
                "Shape changed in place",
                f"It changes the shape of {changed} itself, which cannot be decomposed into core"
                " operators.",
                "Make a new tensor with the out-of-place operation"
                f" (`{_functional_name(mutation)}`).",
            ),
        )
    if mutation.spec.kind is InputKind.CONSTANT_TENSOR:
        return failure.finding(
            "unregistered-state",
            Words(
                "Unregistered tensor changed",
                "It changes a tensor that is neither an input nor a buffer, and an exported program"
                " cannot keep that.",
                "Register it in the constructor (`self.register_buffer(…)`).",
            ),
        )
    if mutation.spec.arg.name in shared:
        names = shared[mutation.spec.arg.name]
        inputs = " and ".join(f"`{name}`" for name in names)
        return failure.finding(
            "decomposition-error",
            Words(
                "Shared input changed in place",
                f"It changes {changed}, and the example inputs give one tensor for {inputs}, which"
                " cannot be decomposed.",
                "Give each a tensor of its own.",
            ),
            related=tuple(
                Related(declaration.example_location((name,)), f"the example of `{name}`")
                for name in names
            ),
        )
    return None


def _description(mutation: Mutation) -> str:
    """Return the changed tensor in the user's names."""
    spec = mutation.spec
    if spec.kind is InputKind.USER_INPUT:
        return f"the input `{spec.arg.name}`"
    if spec.kind is InputKind.CONSTANT_TENSOR:
        return "a tensor from outside"
    kind = "parameter" if spec.kind is InputKind.PARAMETER else "buffer"
    return f"the {kind} `{spec.target}`"


def _functional_name(mutation: Mutation) -> str:
    return str(getattr(mutation.node.target, "__name__", "")).split(".")[0].rstrip("_")


def _shared_inputs(declaration: Declaration, program: ExportedProgram) -> dict[str, list[str]]:
    """Return the program's inputs whose example is one tensor for several parameters.

    The keys are the names of the inputs in the program, the values those parameters of forward.
    """
    parameters: dict[int, list[str]] = {}
    for name, value in declaration.arguments().items():
        for leaf in _tensors(value):
            parameters.setdefault(id(leaf), []).append(name)
    kwargs = declaration.built.kwargs or {}
    leaves = pytree.tree_leaves((declaration.built.args, kwargs))
    specs = [s for s in program.graph_signature.input_specs if s.kind is InputKind.USER_INPUT]
    return {
        spec.arg.name: parameters[id(leaf)]
        for spec, leaf in zip(specs, leaves, strict=False)
        if len(parameters.get(id(leaf), ())) > 1
    }


def _tensors(value: object) -> Iterator[torch.Tensor]:
    return (leaf for leaf in pytree.tree_leaves(value) if isinstance(leaf, torch.Tensor))
