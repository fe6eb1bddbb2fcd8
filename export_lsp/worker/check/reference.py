"""The results of a model before its edits, for trials of edits that may change what it computes.

One process cannot import both versions of a file, so the version on disk is imported, built and run
in a fork of the run, before the run imports the edited one.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.utils import _pytree as pytree

from export_lsp.protocol import Location
from export_lsp.worker.data import eager_values
from export_lsp.worker.eager import instrumented
from export_lsp.worker.execution import values
from export_lsp.worker.execution.budget import FORK_MEMORY
from export_lsp.worker.stages.capture import truth_uses
from export_lsp.worker.stages.run.model_calls import CallResult, ModelCalls
from export_lsp.worker.system.forked_call import CAN_FORK, call_in_fork
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.targets.input_variations import EXAMPLE, Variation, variations
from export_lsp.worker.text.exception_text import USER_ERRORS

# Seconds in which all targets have to be loaded, built and run.
PATIENCE = 60.0

# Seconds of processor time after which no further variation of a target's inputs is begun, and
# bytes that the results of all of them may take.
SECONDS = 1.0
BYTES = 1 << 26


@dataclass(frozen=True)
class Before:
    """The results of a target before the edits.

    Attributes:
        inputs: The kind of each leaf of the inputs, see `kinds_of`.
        results: Those of each variation of the inputs that the model takes.
        truths: The truth values that the guard had.
    """

    inputs: tuple[str, ...] = ()
    results: Mapping[Variation, CallResult] = field(default_factory=dict)
    truths: Mapping[Variation, frozenset[bool]] = field(default_factory=dict)

    @property
    def varied(self) -> list[Variation]:
        """The variations, those on another side of the guard than the example first."""
        example = self.truths.get(EXAMPLE)
        others = [variation for variation in self.results if variation != EXAMPLE]
        return sorted(others, key=lambda variation: self.truths.get(variation) == example)


@dataclass(frozen=True)
class Reference:
    """The results of each target before the edits, by name.

    `needed` is False for edits that cannot change the results of inputs that the model takes, so
    that they prove something without these results as well.
    """

    needed: bool = False
    targets: Mapping[str, Before] = field(default_factory=dict)


def take_reference(
    targets: Callable[[], Iterable[Declaration]],
    *,
    needed: bool,
    varied: bool,
    guard: Location | None,
) -> Reference:
    """Run the targets that `targets` yields in a fork of this process.

    Targets without values for their parameters are left out of the result.  If the fork fails or
    takes more than `PATIENCE` seconds, or if this platform has no fork, all are left out.

    Args:
        targets: Called in the fork, so it may import and build.
        needed: See `Reference`.
        varied: Run them on variations of their inputs as well.
        guard: An expression of the user's whose truth values are recorded.
    """
    if not CAN_FORK:
        return Reference(needed)
    found = call_in_fork(
        lambda: dict(_results(targets(), varied, guard)), timeout=PATIENCE, memory=FORK_MEMORY
    )
    return Reference(needed, found or {})


def _results(
    targets: Iterable[Declaration], varied: bool, guard: Location | None
) -> Iterator[tuple[str, Before]]:
    for declaration in targets:
        built = declaration.built
        if values.can_have_values(built.model, (built.args, built.kwargs or {})):
            with _truths(declaration, guard) as truths:
                yield declaration.target.name, _before(declaration, varied, truths)


def _before(declaration: Declaration, varied: bool, truths: set[bool]) -> Before:
    built = declaration.built
    calls = ModelCalls(built)
    leaves = pytree.tree_leaves((built.args, built.kwargs or {}))
    taken: dict[Variation, CallResult] = {}
    seen: dict[Variation, frozenset[bool]] = {}
    started, kept = time.process_time(), 0
    for variation in variations(leaves, declaration.shape_entries()):
        if variation != EXAMPLE and (
            not varied or kept > BYTES or time.process_time() - started > SECONDS
        ):
            break
        if variation != EXAMPLE and _are_equal(leaves, variation.of(leaves)):
            continue
        truths.clear()
        try:
            result = _detached(calls.eager(vary=variation.of))
        except USER_ERRORS:
            continue
        taken[variation], seen[variation] = result, frozenset(truths)
        kept += values.size(_tensors(result))
    return Before(kinds_of(leaves), taken, seen)


def _are_equal(leaves: Sequence[Any], others: Sequence[Any]) -> bool:
    """Return whether other inputs have the same tensors: not every variation changes each dtype."""
    return all(
        one is other or (isinstance(one, torch.Tensor) and torch.equal(one, other))
        for one, other in zip(leaves, others, strict=True)
    )


def kinds_of(leaves: Iterable[Any]) -> tuple[str, ...]:
    """Return the type of each leaf, and the shape of tensors: equal kinds are varied alike."""
    return tuple(
        f"{leaf.dtype}{tuple(leaf.shape)}" if isinstance(leaf, torch.Tensor) else str(type(leaf))
        for leaf in leaves
    )


@contextlib.contextmanager
def _truths(declaration: Declaration, guard: Location | None) -> Iterator[set[bool]]:
    """Context manager that adds the truth values of a guard to a set as the model runs."""
    truths: set[bool] = set()

    def note(expression: instrumented.NotedExpression, value: Any) -> None:
        if expression.location == tested:
            truth = eager_values.truth_value(eager_values.record_value(value))
            if truth is not None:
                truths.add(truth)

    source = declaration.workspace.sources.get(guard.file) if guard is not None else None
    tested = truth_uses.tested(source, guard) if source is not None and guard is not None else None
    if source is None or tested is None:
        yield truths
        return
    with instrumented.note_values([source], note):
        yield truths


def _detached(result: CallResult) -> CallResult:
    """Return results without their autograd graphs, so that they can be sent to the parent."""
    return CallResult(
        [leaf.detach() if isinstance(leaf, torch.Tensor) else leaf for leaf in result.outputs],
        {name: tensor.detach() for name, tensor in result.buffers.items()},
    )


def _tensors(result: CallResult) -> list[torch.Tensor]:
    leaves = (leaf for leaf in result.outputs if isinstance(leaf, torch.Tensor))
    return [*leaves, *result.buffers.values()]
