"""Resume a non-strict trace: a call that raises is replaced by its value in eager mode."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from export_lsp.protocol import Location
from export_lsp.stages import Stage
from export_lsp.worker.data import eager_values
from export_lsp.worker.eager import fallbacks
from export_lsp.worker.places import locate, syntax_context
from export_lsp.worker.private import resume_calls
from export_lsp.worker.stages.export.round_state import RoundState


class NonStrictResumer:
    """A `Resumer` for non-strict mode.

    Python runs the user's code in this mode, so that the trace can resume only inside calls of
    torch. Another round gets past failures elsewhere: the user's functions are compiled to catch
    exceptions at the locations `passed`.
    """

    def __init__(self, state: RoundState, passed: Sequence[Location]) -> None:
        self._state = state
        self._passed = passed

    @contextlib.contextmanager
    def resuming(self) -> Iterator[None]:
        with contextlib.ExitStack() as stack:
            replace = self._state.own_errors.kept(self._replace)
            stack.enter_context(resume_calls.replace_failed_calls(replace))
            if self._passed:
                sources = self._state.workspace.sources.values()
                stack.enter_context(fallbacks.with_fallbacks(sources, self._passed, self._fallback))
            yield

    def is_consequence(self, error: BaseException, stage: Stage) -> bool:
        return False

    def place_to_pass(self, error: BaseException) -> Location | None:
        for frame in reversed(locate.frames_of(error, self._state.workspace)):
            place = frame.location
            can_be_passed = syntax_context.is_stored_to(
                place, self._state.workspace
            ) or eager_values.is_reproducible(self._state.example.value(place, 0))
            if can_be_passed and place not in self._passed:
                return place
        return None

    def _replace(self, error: Exception) -> Any:
        """Report a call that raised, and return its value in eager mode."""
        state = self._state
        caller = resume_calls.caller(sys._getframe(1))
        if caller is None or state.workspace.source(caller.f_code.co_filename) is None:
            return (
                resume_calls.NO_RESULT
            )  # in a library: the call in user code around it raises next
        outer = locate.current_stack(caller, state.workspace)
        if syntax_context.is_caught(error, outer.frames, state.workspace):
            return resume_calls.NO_RESULT
        inner = locate.stack_of(error, state.workspace)
        call = outer.frames[-1].location
        index = state.stop(error, "capture", inner.below(outer), call)
        value = state.example.value(call, index)
        if not eager_values.is_reproducible(value):
            return resume_calls.NO_RESULT
        try:
            remade = resume_calls.remake_value(value)
        except NotImplementedError:
            return resume_calls.NO_RESULT  # up to torch 2.9 no quantized tensor can be fake
        state.note_substitute(value)
        # The trace skips the rest of the model's code inside the call.
        state.complete = state.complete and not inner
        return remade

    def _fallback(self, location: Location, error: Exception) -> Any:
        """Return the value in eager mode at a location that ended an earlier round.

        Raises:
            Exception: `error`, if there is no value either.
        """
        state = self._state
        index = state.stops[location]
        state.stops[location] += 1
        value = state.example.value(location, index)
        if not eager_values.is_reproducible(value):
            raise error
        state.note_substitute(value)
        return resume_calls.remake_value(value)
