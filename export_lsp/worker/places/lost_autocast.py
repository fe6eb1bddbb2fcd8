"""Failures of a program whose trace left out the conversions of ``torch.autocast``."""

from __future__ import annotations

import torch
from torch.export import ExportedProgram

from export_lsp.protocol import Finding, RuleCode
from export_lsp.worker.graph import program_graph
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.private import fx, wrapped_blocks
from export_lsp.worker.text.sentences import Words


def lost_autocast_finding(
    failure: Failure, program: ExportedProgram, rule: RuleCode
) -> Finding | None:
    """Return the finding for such a failure; None if this is not one.

    Strict mode records the regions and traces what is in them without their conversions (torch
    2.13).  So results of a region have other dtypes when the program runs, and an assertion fails.
    """
    asserted = torch.ops.aten._assert_tensor_metadata.default
    regions = program_graph.calls(program, wrapped_blocks.AUTOCAST)
    links = (fx.node_of(link.__traceback__) for link in locate.chain(failure.error))
    node = next((node for node in links if node is not None), None)
    if not failure.stack or node is None or node.target is not asserted or not any(regions):
        return None
    return failure.finding(
        rule,
        Words(
            "Dtype lost from `torch.autocast`",
            "The exported program fails here: strict mode traces results of `torch.autocast` with"
            " the dtypes they have without it.",
            "Export in non-strict mode (`strict=False`), or convert the tensors in place of"
            " `torch.autocast`.",
        ),
    )
