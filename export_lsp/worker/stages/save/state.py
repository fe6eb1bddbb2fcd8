"""Parameters and buffers that ``torch.export.save`` cannot write: sparse and quantized ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import torch
from torch.export import ExportedProgram
from torch.fx import Node

from export_lsp.protocol import Finding
from export_lsp.worker.data.frame import Stack
from export_lsp.worker.places import node_frames
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.text.sentences import Words


def explain(failure: Failure, program: ExportedProgram) -> Iterator[Finding]:
    """Yield a finding for each such tensor, at its first use."""
    signature = program.graph_signature
    names = {**signature.inputs_to_parameters, **signature.inputs_to_buffers}
    for node in program.graph.nodes:
        tensor = program.state_dict.get(names.get(node.name, ""))
        if node.op != "placeholder" or tensor is None or tensor.layout is torch.strided:
            continue
        layout = str(tensor.layout).removeprefix("torch.")
        at_use = replace(failure, stack=_first_use(node, failure))
        yield at_use.finding(
            "serialization-error",
            Words(
                f"Buffer `{names[node.name]}` that cannot be saved",
                f"The buffer `{names[node.name]}` is a `{layout}` tensor, and `torch.export.save`"
                " writes dense ones only.",
                "Keep it dense, or keep its indices and values as buffers.",
            ),
        )


def _first_use(node: Node, failure: Failure) -> Stack:
    for user in node.users:
        stack = node_frames.stack_of_node(user, failure.workspace)
        if stack:
            return stack
    return Stack()
