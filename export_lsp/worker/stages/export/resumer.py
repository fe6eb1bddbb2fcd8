"""Resume a trace after failures: what both modes have in common."""

from __future__ import annotations

import contextlib
import functools
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from export_lsp.protocol import Location, Remedy
from export_lsp.stages import Stage
from export_lsp.worker.places import locate
from export_lsp.worker.private import shape_env_watch, symbolic_shapes, trace
from export_lsp.worker.private.symbolic_shapes import Number, Question
from export_lsp.worker.remedies import checks
from export_lsp.worker.stages.export.round_state import RoundState


class Resumer(Protocol):
    """Resumes the trace of one round, in one mode, after expressions that cannot be traced."""

    def resuming(self) -> AbstractContextManager[None]:
        """Context manager: while active, failures are reported and the trace resumes."""

    def is_consequence(self, error: BaseException, stage: Stage) -> bool:
        """Return whether a failure may come from values that this resumer put into the trace."""

    def place_to_pass(self, error: BaseException) -> Location | None:
        """Return the location that another round could get past; None if there is none."""


@contextlib.contextmanager
def resuming(state: RoundState, resumer: Resumer) -> Iterator[None]:
    """While active, an export reports failures and resumes, at guards and by the resumer."""
    answer = state.own_errors.kept(functools.partial(answer_guard, state))
    with shape_env_watch.ShapeEnvWatch(state.symbols, answer), resumer.resuming():
        yield


def answer_guard(state: RoundState, question: Question) -> Number | None:
    """Report a data-dependent guard and return the example's answer.

    A yes-or-no question without one is answered with the side that this process follows. If None is
    returned, torch raises.
    """
    frame = sys._getframe(1)
    stack = locate.current_stack(frame, state.workspace)
    symbolic_shapes.suggest_checks(question.error, frame)

    def example_answer() -> Number | None:
        origins = state.symbols.origins_in(question.expression)
        return question.answer(state.example.numbers(origins))

    @functools.cache
    def remedies() -> tuple[Remedy, ...]:
        origins = state.symbols.origins_in(question.expression)
        live = locate.live_frames(frame, state.workspace)
        answer = example_answer()
        return checks.remedies(question, answer, live, origins, state.workspace, stack.innermost)

    stage = trace.current_stage(frame) or "capture"
    state.stop(question.error, stage, stack, checks=remedies)
    answer = example_answer()
    if answer is None and question.is_truth:
        answer = state.findings.choose_side()
    if answer is not None and not question.is_truth:
        state.symbols.has_assumed = True
    return answer
