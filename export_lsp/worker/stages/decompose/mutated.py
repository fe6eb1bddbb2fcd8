"""Changes in place that an exported program holds and that do not decompose."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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
from export_lsp.worker.text.sentences import shortened

Words = Callable[[Failure, Mutation], Finding]


def explain(failure: Failure, declaration: Declaration, program: ExportedProgram) -> list[Finding]:
    """Every change in place that stops `run_decompositions`; empty if something else did."""
    twice = _given_twice(declaration, program)
    found: dict[tuple[str, Location], Finding] = {}
    for mutation in program_graph.mutations(program):
        frames = node_frames.frames_of_node(mutation.node, failure.workspace)
        blamed = replace(failure, frames=frames)
        finding = _finding(blamed, mutation, declaration, twice)
        if finding is not None:
            found.setdefault((finding.rule, finding.location), finding)
    return list(found.values())


def _finding(
    failure: Failure, mutation: Mutation, declaration: Declaration, twice: dict[str, list[str]]
) -> Finding | None:
    expression = shortened(failure.expression)
    what = _what(mutation)
    if mutation.reshapes:
        return failure.finding(
            "decomposition-error",
            f"`{expression}` changes the shape of {what} itself, in place, which cannot be"
            " decomposed into core operators; work on a new tensor, with the operation whose name"
            f" has no underscore (`{_name(mutation)}`)",
        )
    if mutation.replaces:
        return failure.finding(
            "decomposition-error",
            f"`{expression}` replaces the memory of {what}, which cannot be decomposed into core"
            " operators; change the values instead (`copy_`)",
        )
    if mutation.spec.kind is InputKind.CONSTANT_TENSOR:
        return failure.finding(
            "unregistered-state",
            f"`{expression}` changes a tensor in place that is neither an input nor a buffer, and"
            " an exported program cannot keep it; register it in the constructor"
            " (`self.register_buffer(…)`)",
        )
    if mutation.spec.arg.name in twice:
        names = twice[mutation.spec.arg.name]
        told = " and ".join(f"`{name}`" for name in names)
        return failure.finding(
            "decomposition-error",
            f"`{expression}` changes {what} in place, and the example inputs give one tensor for"
            f" {told}, which cannot be decomposed; give each a tensor of its own",
            related=tuple(
                Related(declaration.example_location((name,)), f"the example of `{name}`")
                for name in names
            ),
        )
    return None


def _what(mutation: Mutation) -> str:
    spec = mutation.spec
    if spec.kind is InputKind.USER_INPUT:
        return f"the input `{spec.arg.name}`"
    if spec.kind is InputKind.CONSTANT_TENSOR:
        return "a tensor from outside"
    kind = "parameter" if spec.kind is InputKind.PARAMETER else "buffer"
    return f"the {kind} `{spec.target}`"


def _name(mutation: Mutation) -> str:
    return str(getattr(mutation.node.target, "__name__", "")).split(".")[0].rstrip("_")


def _given_twice(declaration: Declaration, program: ExportedProgram) -> dict[str, list[str]]:
    """Inputs whose example tensor is that of others as well, with forward's names of all."""
    arguments = declaration.arguments()
    names: dict[int, list[str]] = {}
    for name, value in arguments.items():
        for leaf in _tensors(value):
            names.setdefault(id(leaf), []).append(name)
    kwargs = declaration.built.kwargs or {}
    leaves = pytree.tree_leaves((declaration.built.args, kwargs))
    specs = [s for s in program.graph_signature.input_specs if s.kind is InputKind.USER_INPUT]
    return {
        spec.arg.name: names[id(leaf)]
        for spec, leaf in zip(specs, leaves, strict=False)
        if len(names.get(id(leaf), ())) > 1
    }


def _tensors(value: object) -> Iterator[torch.Tensor]:
    return (leaf for leaf in pytree.tree_leaves(value) if isinstance(leaf, torch.Tensor))
