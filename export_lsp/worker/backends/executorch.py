"""`executorch`: the edge dialect, the portable kernels, and the runtime in executorch's wheel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.export import ExportedProgram
from torch.export.graph_signature import ConstantArgument, OutputKind
from torch.fx import Node

from export_lsp.worker.backends.backend import Conversion, Refusal, with_version
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import reason
from export_lsp.worker.private import executorch, fx
from export_lsp.worker.private.executorch import Lowered
from export_lsp.worker.text.sentences import sentence
from export_lsp.worker.text.torch_text import without_symbols

LABEL = "ExecuTorch"
PACKAGES = {"executorch": "executorch"}

UNSUPPORTED = "Not supported by ExecuTorch"
NO_VALUES = "its parameters have no values"
UNUSUAL = "an input is neither a tensor nor a number"
ADVICE = "Write it with operations that decompose into core ATen."
OWN_KERNEL = "Write it with operations that have one, or link a kernel of your own to the runtime."


def convert(program: ExportedProgram) -> Conversion:
    """Convert a program, with all the operators that the verifier refuses at once."""
    return finish(program, executorch.to_edge(program))


def finish(
    program: ExportedProgram, lowered: Lowered, fallbacks: tuple[Refusal, ...] = ()
) -> Conversion:
    """Convert a program that has been lowered to the edge dialect.

    Args:
        program: The program itself.
        lowered: The same in the edge dialect.
        fallbacks: The nodes that a partitioner has left.
    """
    package = with_version("executorch")
    nodes = (*lowered.left, *lowered.taken)
    refused = tuple(_refused(lowered.left, package))
    if refused:
        nowhere = {each.node for each in refused}
        fallbacks = tuple(each for each in fallbacks if each.node not in nowhere)
        return Conversion(lowered.program, package, refused, fallbacks, nodes=nodes)
    try:
        finished = executorch.to_executorch(lowered)
    except Exception as error:
        failed = tuple(_failed(error, nodes, package))
        return Conversion(lowered.program, package, failed, fallbacks, nodes=nodes)
    without = tuple(_without_kernel(finished, package))
    if without:
        return Conversion(lowered.program, package, without, fallbacks, nodes=nodes)
    state = [*program.state_dict.values(), *program.constants.values()]
    if any(isinstance(value, FakeTensor) for value in state):
        return Conversion(
            lowered.program, package, fallbacks=fallbacks, nodes=nodes, not_run=NO_VALUES
        )
    return Conversion(
        lowered.program,
        package,
        fallbacks=fallbacks,
        nodes=nodes,
        run=_Runtime(finished, program),
        runs_on=package,
    )


def _refused(nodes: Sequence[Node], package: str) -> Iterator[Refusal]:
    for node in nodes:
        said = executorch.refusal(node)
        if said:
            name = executorch.operator_name(node).partition(".")[0]
            why = f"ExecuTorch's `to_edge` refuses `{name}`, which is not in core ATen ({package})."
            yield Refusal(node, Exception(said), UNSUPPORTED, why, ADVICE, name)


def _without_kernel(finished: Any, package: str) -> Iterator[Refusal]:
    for node in executorch.without_kernel(finished):
        name = executorch.operator_name(node)
        why = f"The runtime of ExecuTorch has no portable kernel for `{name}` ({package})."
        yield Refusal(node, Exception(why), UNSUPPORTED, why, OWN_KERNEL, name.partition(".")[0])


def _failed(error: Exception, nodes: Sequence[Node], package: str) -> Iterator[Refusal]:
    """Yield a refusal for each operator that the error names, or one for the node it stopped at."""
    said = sentence(without_symbols(reason(error)))
    why = f"`to_executorch` fails ({package}). {said}"
    texts = [str(link) for link in locate.chain(error)]
    named = [
        node
        for node in nodes
        if any(executorch.operator_name(node).partition(".")[0] in text for text in texts)
    ]
    if named:
        for node in named:
            name = executorch.operator_name(node).partition(".")[0]
            yield Refusal(node, error, UNSUPPORTED, why, OWN_KERNEL, name)
        return
    stopped = (fx.node_of(link.__traceback__) for link in locate.chain(error))
    node = next((found for found in stopped if found is not None), None)
    yield Refusal(node, error, UNSUPPORTED, why)


class _Runtime:
    """Runs a converted program in the runtime of executorch's wheel."""

    def __init__(self, finished: Any, program: ExportedProgram) -> None:
        self._finished = finished
        specs = program.graph_signature.output_specs
        returned = [spec for spec in specs if spec.kind == OutputKind.USER_OUTPUT]
        self._constant = [isinstance(spec.arg, ConstantArgument) for spec in returned]

    def __call__(self, leaves: Sequence[Any]) -> Sequence[Any]:
        dense = [each.contiguous() if isinstance(each, torch.Tensor) else each for each in leaves]
        results = executorch.run(self._finished, dense)
        if len(results) != len(self._constant):
            return results
        pairs = zip(results, self._constant, strict=True)
        return [result for result, constant in pairs if not constant]
