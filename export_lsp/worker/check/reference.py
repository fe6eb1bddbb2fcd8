"""What a model does before it is edited, for trials of edits that may change what it computes.

The files as they are on disk are imported in a fork of the run, before the edited ones are: both
cannot be in one process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch

from export_lsp.protocol import Finding
from export_lsp.worker.data.target import Built
from export_lsp.worker.execution import values
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.places.symbol_origins import SymbolTracker
from export_lsp.worker.private import errors
from export_lsp.worker.stages.capture import eager
from export_lsp.worker.stages.numerics.runs import EagerRuns, Outcome, same, told_difference
from export_lsp.worker.system import in_fork
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.exception_text import USER_ERRORS, text_of

# Seconds that loading, building and running all targets may take.
PATIENCE = 60.0

UNKNOWN = "what the model gave before the edits is not known"

Vary = Callable[[torch.Tensor], torch.Tensor]


def _mirrored(tensor: torch.Tensor) -> torch.Tensor:
    """Values on the other side of zero; of integers, of the middle of those that there are."""
    with torch.no_grad():
        if tensor.dtype == torch.bool:
            return ~tensor
        if tensor.is_floating_point() or tensor.is_complex():
            return -tensor
        return tensor.max() + tensor.min() - tensor if tensor.numel() else tensor


def _enlarged(tensor: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return tensor * 10 if tensor.is_floating_point() else tensor


# Which way a branch goes on the example inputs says nothing of the other way.
VARIATIONS: tuple[Vary | None, ...] = (None, _mirrored, _enlarged)


# The outcomes of a target, one for each variation of its example inputs; None where it raised.
Outcomes = Sequence["Outcome | None"]


@dataclass(frozen=True)
class Reference:
    """The outcomes of each target before the edits; None where those cannot change them."""

    outcomes: Mapping[str, Outcomes] | None = None

    def findings(
        self, declaration: Declaration, leave_out: Callable[[str], None]
    ) -> Iterator[Finding]:
        """Where the edited model raises in eager, or gives something else than it gave."""
        built, name = declaration.built, declaration.target.name
        if not values.can_have_values(built.model, (built.args, built.kwargs or {})):
            return  # so nothing is compared later either
        runs = EagerRuns(built)
        try:
            now = runs.eager()
        except USER_ERRORS as error:
            if not errors.wants_cuda(text_of(error)):
                yield eager.forward_error(_failure(error, declaration), error)
            return
        if self.outcomes is None:
            return
        if name not in self.outcomes:
            leave_out(UNKNOWN)
            return
        told = self._difference(self.outcomes[name], now, runs)
        if told is not None:
            message = f"With the edits the model gives {told}"
            yield _failure(Exception(told), declaration).finding("numerics-mismatch", message)

    def _difference(self, outcomes: Outcomes, now: Outcome, runs: EagerRuns) -> str | None:
        for before, vary in zip(outcomes, VARIATIONS, strict=True):
            if before is None:
                continue
            try:
                varied = now if vary is None else runs.eager(vary=vary)
            except USER_ERRORS as error:
                return f"{error!r}"
            if not same(before, varied):
                return told_difference(before, varied)
        return None


def _failure(error: BaseException, declaration: Declaration) -> Failure:
    workspace = declaration.workspace
    frames = locate.frames_of(error, workspace)
    symbols = SymbolTracker(workspace)
    return Failure(error, "run", None, declaration.target, workspace, symbols, frames)


def take_reference(targets: Callable[[], Iterable[tuple[str, Built]]]) -> Reference:
    """The outcomes of the targets that a function makes from the files on disk."""
    if not in_fork.CAN_FORK:
        return Reference({})
    outcomes = in_fork.call(lambda: dict(_outcomes(targets())), timeout=PATIENCE)
    return Reference(outcomes or {})


def _outcomes(
    targets: Iterable[tuple[str, Built]],
) -> Iterable[tuple[str, list[Outcome | None]]]:
    for name, built in targets:
        if values.can_have_values(built.model, (built.args, built.kwargs or {})):
            runs = EagerRuns(built)
            yield name, [_outcome(runs, vary) for vary in VARIATIONS]


def _outcome(runs: EagerRuns, vary: Vary | None) -> Outcome | None:
    try:
        outcome = runs.eager(vary=vary)
    except USER_ERRORS:
        return None
    return Outcome(
        [leaf.detach() if isinstance(leaf, torch.Tensor) else leaf for leaf in outcome.outputs],
        {name: tensor.detach() for name, tensor in outcome.buffers.items()},
    )
