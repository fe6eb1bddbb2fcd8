"""`executorch-xnnpack`: ExecuTorch with the parts of a program that XNNPACK's partitioner takes."""

from __future__ import annotations

from collections.abc import Iterator

from torch.export import ExportedProgram

from export_lsp.worker.backends.backend import Conversion, Refusal, with_version
from export_lsp.worker.backends.executorch import finish
from export_lsp.worker.private import executorch
from export_lsp.worker.private.executorch import Lowered
from export_lsp.worker.text.sentences import sentence

LABEL = "ExecuTorch with XNNPACK"
PACKAGES = {"executorch": "executorch"}


def convert(program: ExportedProgram) -> Conversion:
    """Convert a program; the operators that the partitioner leaves are fallbacks."""
    lowered = executorch.to_xnnpack(program)
    fallbacks = tuple(_fallbacks(lowered, with_version("executorch")))
    return finish(program, lowered, fallbacks)


def _fallbacks(lowered: Lowered, package: str) -> Iterator[Refusal]:
    for node in lowered.left:
        name = executorch.operator_name(node).partition(".")[0]
        said = lowered.reasons.get(node.name, "")
        given = sentence(said.replace("\n", " ")) or "It has no kernel for it."
        why = f"XNNPACK leaves `{name}` to ExecuTorch's portable kernels ({package}). {given}"
        yield Refusal(node, Exception(said or why), "Left by XNNPACK", why, operator=name)
