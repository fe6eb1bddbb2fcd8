"""Resume a strict trace: an instruction that Dynamo cannot trace gets its value in eager mode."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager

from export_lsp.protocol import Location
from export_lsp.stages import Stage
from export_lsp.worker.data import eager_values
from export_lsp.worker.data.frame import Stack
from export_lsp.worker.places import locate, syntax_context
from export_lsp.worker.private import dynamo, resume_dynamo
from export_lsp.worker.private.resume_dynamo import FailedInstruction
from export_lsp.worker.stages.export.round_state import RoundState


class StrictResumer:
    """A `Resumer` for strict mode.

    Dynamo interprets the user's code, so that the trace can resume after any instruction and needs
    no second round. `_skipped_change` is True once a change of a tensor in place was skipped:
    later operators may fail because of it.
    """

    def __init__(self, state: RoundState) -> None:
        self._state = state
        self._skipped_change = False

    def resuming(self) -> AbstractContextManager[None]:
        return resume_dynamo.resume_failed_instructions(self._state.own_errors.kept(self._resume))

    def is_consequence(self, error: BaseException, stage: Stage) -> bool:
        if stage not in ("capture", "lower"):
            return False
        was_dynamos = any(dynamo.was_tracing(link.__traceback__) for link in locate.chain(error))
        # Dynamo's graph is traced again afterwards, substitutes included.
        if not was_dynamos or resume_dynamo.is_follow_up(error):
            return True
        return (self._skipped_change and resume_dynamo.is_runtime(error)) or any(
            map(self._is_of_change, locate.chain(error))
        )

    def place_to_pass(self, error: BaseException) -> Location | None:
        return None

    def _resume(self, failed: FailedInstruction) -> bool:
        """Report an instruction that Dynamo cannot trace; return whether the trace resumes."""
        state = self._state
        if state.workspace.source(failed.code.co_filename) is None:
            return False  # in a library: the call in user code around it fails next
        outer = locate.current_stack(sys._getframe(1), state.workspace)
        if not outer.frames:
            return False
        location = outer.frames[-1].location
        if self._skipped_change and failed.is_runtime:
            return False
        if not failed.is_follow_up and not self._is_of_change(failed.error):
            library = locate.stack_of(failed.error, state.workspace).library
            state.stop(failed.error, "capture", Stack(outer.frames, library), location)
        self._skipped_change = self._skipped_change or syntax_context.changes_in_place(
            location, state.workspace
        )
        index = max(0, state.stops[location] - 1)
        if failed.is_jump:
            return self._jump(failed, location, index)
        if failed.is_store:
            failed.store()
            return True
        return failed.values > 0 and self._leave_value(failed, location, index)

    def _is_of_change(self, error: BaseException) -> bool:
        """Return whether ``torch.cond`` or the like refuses a change in place that has failed.

        The repair of that change makes a new tensor.
        """
        state = self._state
        return resume_dynamo.is_about_aliases(error) and any(
            syntax_context.changes_in_place(location, state.workspace) for location in state.stops
        )

    def _jump(self, failed: FailedInstruction, location: Location, index: int) -> bool:
        truth = self._state.example.truth(location, index)
        if truth is None:
            truth = self._state.findings.choose_side()
        if truth is not None:
            failed.jump(truth)
        return truth is not None

    def _leave_value(self, failed: FailedInstruction, location: Location, index: int) -> bool:
        value = None if failed.is_discarded else self._state.example.value(location, index)
        if value is eager_values.NOT_EVALUATED:
            return False  # eager mode does not get here either
        failed.leave(value)
        self._state.note_substitute(value)
        return True
