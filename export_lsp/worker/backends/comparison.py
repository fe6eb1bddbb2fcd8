"""Compares a converted program with the model in eager mode, on inputs of several sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch.export import ExportedProgram
from torch.export.graph_signature import ConstantArgument, OutputKind
from torch.fx import Node
from torch.utils import _pytree as pytree

from export_lsp.worker.backends.backend import Conversion, RefusedAtRunError, Run
from export_lsp.worker.data.target import Built
from export_lsp.worker.execution import seeds
from export_lsp.worker.execution.smaller_inputs import takes_sizes
from export_lsp.worker.stages.run.agreement import leaf_difference
from export_lsp.worker.stages.run.model_calls import ProgramCalls, Vary
from export_lsp.worker.stages.run.node_results import reporting_nodes
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.targets.input_variations import EXAMPLE, Variation, variations
from export_lsp.worker.text.exception_text import USER_ERRORS

# The error allowed to another implementation of an operator, relative to the largest value.
RELATIVE = {torch.float64: 1e-5, torch.float32: 1e-3, torch.float16: 2e-2, torch.bfloat16: 8e-2}
COARSE = 0.2
# A change of the inputs that rounding may cause anywhere.
NUDGE = 1e-5

# The most sizes that are compared.
MOST_SIZES = 6

RANDOM = "its results depend on random numbers"
ROUNDING = "an index or a comparison turns a rounding error into another result"

Convert = Callable[[ExportedProgram], Conversion]


@dataclass(frozen=True)
class Mismatch:
    """A difference between eager mode and a converted program.

    `difference` ends the sentence "it gives …", or is "" if the program raises `error`.  `sizes`
    says which inputs, "the example inputs" or those of other sizes.  `node` is the first one of the
    exported program with other results, None if it is not known.
    """

    difference: str
    sizes: str
    error: Exception | None = None
    node: Node | None = None


@dataclass(frozen=True)
class Comparison:
    """The result of a comparison; `left_out` is why there is none, to follow "because"."""

    mismatch: Mismatch | None = None
    left_out: str = ""


class Comparer:
    """Compares a converted program with its target.

    Args:
        program: The exported program, with values.
        built: The model with inputs that it is affordable to run it on.
        declaration: The target.
        calls: Calls the model; its state has the values of the program's.
    """

    def __init__(
        self,
        program: ExportedProgram,
        built: Built,
        declaration: Declaration,
        calls: ProgramCalls,
    ) -> None:
        self._program = program
        self._built = built
        self._declaration = declaration
        self._calls = calls
        self._leaves = pytree.tree_leaves((built.args, built.kwargs or {}))

    def compare(self, conversion: Conversion, convert: Convert) -> Comparison:
        """Compare the results on the example inputs, then on other sizes of the dynamic dims.

        Args:
            conversion: The converted program, which can be run.
            convert: Converts another program, to find the node that differs.

        Raises:
            RefusedAtRunError: the converted program cannot be loaded.
        """
        assert conversion.run is not None
        for variation in self._variations():
            try:
                eager = self._eager(variation.of)
            except USER_ERRORS:
                continue
            mismatch = self._mismatch(conversion.run, variation, eager)
            if mismatch is None:
                continue
            if mismatch.error is None:
                reason = self._harmless(variation, eager)
                if reason:
                    return Comparison(left_out=reason)
                node = self._first_difference(variation, convert)
                mismatch = Mismatch(mismatch.difference, mismatch.sizes, node=node)
            return Comparison(mismatch)
        return Comparison()

    def _variations(self) -> Iterator[Variation]:
        yield EXAMPLE
        sized = (
            each
            for each in variations(self._leaves, self._declaration.shape_entries())
            if each.sizes and not each.values
        )
        count = 0
        for variation in sized:
            if count < MOST_SIZES and takes_sizes(self._program, variation.of(self._leaves)):
                count += 1
                yield variation

    def _eager(self, vary: Vary) -> list[Any]:
        """Return the outputs of the model that the converted program has, too."""
        specs = self._program.graph_signature.output_specs
        returned = [spec for spec in specs if spec.kind == OutputKind.USER_OUTPUT]
        outputs = self._calls.eager(vary=vary).outputs
        pairs = zip(returned, outputs, strict=True)
        return [leaf for spec, leaf in pairs if not isinstance(spec.arg, ConstantArgument)]

    def _mismatch(self, run: Run, variation: Variation, eager: list[Any]) -> Mismatch | None:
        sizes = self._sizes(variation)
        try:
            results = list(run(_copies(variation.of(self._leaves))))
        except RefusedAtRunError:
            raise
        except Exception as error:
            return Mismatch("", sizes, error)
        if len(results) != len(eager):
            return Mismatch(f"{len(results)} outputs where eager gives {len(eager)}", sizes)
        for index, (expected, actual) in enumerate(zip(eager, results, strict=True)):
            if not agree(expected, actual):
                which = f"output {index}: " if len(eager) > 1 else ""
                return Mismatch(which + leaf_difference(expected, actual), sizes)
        return None

    def _sizes(self, variation: Variation) -> str:
        if not variation.sizes:
            return "the example inputs"
        entries = {(e.leaf, e.axis): e for e in self._declaration.shape_entries()}
        labels = {
            entry.name or entry.description: size
            for leaf, axis, size in variation.sizes
            if (entry := entries.get((leaf, axis))) is not None
        }
        return "inputs with " + ", ".join(f"`{name}` = {size}" for name, size in labels.items())

    def _harmless(self, variation: Variation, eager: list[Any]) -> str:
        """Return why other results are no mistake of the backend; "" if they are."""
        try:
            other = self._calls.eager(seeds.seeded(seeds.OTHER_RESULTS), variation.of).outputs
            nudged = self._eager(lambda leaves: [_nudged(leaf) for leaf in variation.of(leaves)])
        except USER_ERRORS:
            return ""
        same = self._eager(variation.of)
        tensors = [leaf for leaf in other if isinstance(leaf, torch.Tensor)]
        expected = [leaf for leaf in same if isinstance(leaf, torch.Tensor)]
        if not all(map(agree, expected, tensors)):
            return RANDOM
        return "" if all(map(agree, eager, nudged)) else ROUNDING

    def _first_difference(self, variation: Variation, convert: Convert) -> Node | None:
        """Return the first node whose result differs; None if it cannot be found.

        The program is exported again with the results of all its nodes as outputs, and converted.
        """
        try:
            leaves = variation.of(self._leaves)
            every = _EveryResult(self._program)
            expected = every(*_copies(leaves))
            program = torch.export.export(every, tuple(_copies(leaves)), strict=False)
            conversion = convert(program)
            if conversion.run is None:
                return None
            actual = conversion.run(_copies(leaves))
        except Exception:
            return None
        triples = zip(every.nodes, expected, actual, strict=False)
        return next((node for node, one, other in triples if not agree(one, other)), None)


class _EveryResult(torch.nn.Module):
    """A program as a module that returns the results of all its nodes that compute a tensor.

    Attributes:
        nodes: The nodes of the last call.
    """

    def __init__(self, program: ExportedProgram) -> None:
        super().__init__()
        self.program = program.module()
        self.nodes: list[Node] = []
        self._results: list[torch.Tensor] = []
        self._names = {node.name: node for node in program.graph.nodes}
        reporting_nodes(self.program, self._keep)

    def forward(self, *leaves: Any) -> tuple[torch.Tensor, ...]:
        self.nodes, self._results = [], []
        self.program.forward(*leaves)  # the hooks of a call expect the structure of the inputs
        return tuple(self._results)

    def _keep(self, node: Node, result: Any) -> None:
        if node.op == "call_function" and isinstance(result, torch.Tensor):
            self.nodes.append(self._names.get(node.name, node))
            self._results.append(result + 0 if result.dtype != torch.bool else result.clone())


def agree(expected: Any, actual: Any) -> bool:
    """Return whether a result counts as the one that eager mode gives."""
    if not isinstance(expected, torch.Tensor):
        return (
            not isinstance(actual, torch.Tensor)
            or actual.numel() != 1
            or _close(torch.as_tensor(expected, dtype=actual.dtype), actual.reshape(()))
        )
    if not isinstance(actual, torch.Tensor) or expected.dtype != actual.dtype:
        return False
    return expected.shape == actual.shape and _close(expected.detach(), actual.detach())


def _close(expected: torch.Tensor, actual: torch.Tensor) -> bool:
    if not (expected.is_floating_point() or expected.is_complex()):
        return torch.equal(expected, actual)
    relative = RELATIVE.get(expected.dtype, COARSE)
    if expected.is_complex():
        expected, actual = torch.view_as_real(expected), torch.view_as_real(actual)
    expected, actual = expected.double(), actual.double()
    finite = expected[torch.isfinite(expected)].abs()
    largest = finite.max().item() if finite.numel() else 0.0
    allowed = relative * max(largest, 1e-3)
    return torch.allclose(actual, expected, rtol=relative, atol=allowed, equal_nan=True)


def _nudged(leaf: Any) -> Any:
    if not isinstance(leaf, torch.Tensor) or not leaf.is_floating_point():
        return leaf
    source = torch.Generator().manual_seed(3)
    noise = torch.randn(leaf.shape, generator=source).to(leaf)
    return leaf + noise * NUDGE * leaf.abs().clamp(min=1e-3)


def _copies(leaves: Sequence[Any]) -> list[Any]:
    return [leaf.clone() if isinstance(leaf, torch.Tensor) else leaf for leaf in leaves]
