"""Let Dynamo's interpreter go on past an instruction that it cannot trace.

``InstructionTranslatorBase.step`` carries out one instruction of the user's; what it raises would
end the capture.  Here the instruction's result is replaced by one from outside and the interpreter
goes on with the next.  Seen in torch 2.6 to 2.13, Python 3.10 to 3.13.  Where ``step`` is missing a
strict capture ends at its first failure, as torch's own does.
"""

from __future__ import annotations

import contextlib
import dis
import functools
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any
from unittest import mock

import torch

from export_lsp.worker.data.eager_values import (
    PLAIN,
    RecordedItems,
    RecordedTensor,
    is_reproducible,
)
from export_lsp.worker.private import errors
from export_lsp.worker.text.exception_text import text_of

STEP = "step"
STUCK = (*errors.GRAPH_BREAK, *errors.USER_ERROR, *errors.TORCH_RUNTIME, *errors.HIGHER_ORDER)

# Dynamo's names of a value that nothing is known of.
UNKNOWN = re.compile(r"<unknown type>|\bUnknown(?:Variable)?\b")

# Instructions whose only effect is to leave one value on the stack.
ONE_VALUE = (
    "CALL",
    "BINARY_",
    "COMPARE_OP",
    "CONTAINS_OP",
    "IS_OP",
    "UNARY_",
    "LOAD_ATTR",
    "FORMAT_",
    "BUILD_STRING",
    "GET_ITER",
)
# An instruction that leaves as many values as its argument says.
UNPACKS = "UNPACK_SEQUENCE"
# Instructions that enter a context: what leaves it, and what is bound by ``as``.
ENTERS = ("BEFORE_WITH", "SETUP_WITH")
# Instructions that only store: to go on without having stored is all there is to do.
STORES = ("STORE_ATTR", "STORE_SUBSCR", "DELETE_ATTR", "DELETE_SUBSCR")
# Instructions between a call and the one that takes its value.
TRANSPARENT = ("CACHE", "NOP", "PRECALL")


@dataclass(frozen=True)
class FailedInstruction:
    """An instruction that could not be traced, before anything is done about it.

    `stack` is the one before it.
    """

    translator: Any
    instruction: Any
    error: BaseException
    stack: list[Any]

    @property
    def code(self) -> CodeType:
        """The user's or a library's code that the instruction belongs to."""
        return self.translator.f_code

    @property
    def is_jump(self) -> bool:
        """Whether it decides where to go on."""
        return "JUMP" in self.instruction.opname and "IF" in self.instruction.opname

    @property
    def is_store(self) -> bool:
        return self.instruction.opname.startswith(STORES)

    @property
    def values(self) -> int:
        """How many values it leaves; 0 for an instruction that there is no going on from."""
        name = self.instruction.opname
        if name == UNPACKS:
            return int(self.instruction.argval)
        return 2 if name in ENTERS else int(name.startswith(ONE_VALUE))

    @property
    def is_follow_up(self) -> bool:
        """Whether it works on what an earlier one could not give: that was the cause."""
        taken = self.stack[len(self.translator.stack) :] or self.stack[-1:]
        return is_follow_up(self.error) or any(map(_holds_unknown, taken))

    @property
    def is_discarded(self) -> bool:
        """Whether nobody uses the value it leaves."""
        instructions = self.translator.instructions
        index = self.translator.instruction_pointer
        while index is not None and instructions[index].opname in TRANSPARENT:
            index += 1
        return index is not None and instructions[index].opname == "POP_TOP"

    @property
    def is_runtime(self) -> bool:
        return is_runtime(self.error)

    def jump(self, truth: bool) -> None:
        """Go on as if the condition had this truth value."""
        name = self.instruction.opname
        self._put_back(len(self.stack) - 1)
        if truth == ("TRUE" in name):
            if "OR_POP" in name:
                self.translator.push(self.stack[-1])
            self.translator.jump(self.instruction)

    def store(self) -> None:
        """Go on without having stored."""
        self._put_back(len(self.stack) + self._effect())

    def leave(self, value: Any) -> None:
        """Go on with this value, or with one that nothing is known of if Dynamo cannot take it."""
        trackers = [self._tracker(value) if self.values == 1 else self._unknown()]
        trackers += [self._unknown() for _ in range(self.values - 1)]
        self._put_back(len(self.stack) + self._effect() - self.values)
        for tracker in trackers:
            self.translator.push(tracker)
        if hasattr(self.translator, "kw_names"):
            self.translator.kw_names = None

    def _effect(self) -> int:
        opcode, argument = self.instruction.opcode, self.instruction.arg
        effect = dis.stack_effect(opcode, argument)
        if sys.version_info[:2] == (3, 11) and self.instruction.opname == "CALL":
            # Dynamo drops the PRECALL that half of the effect belongs to.
            effect += dis.stack_effect(dis.opmap["PRECALL"], argument)
        return effect

    def _put_back(self, height: int) -> None:
        """The stack as it was, up to a height."""
        self.translator.stack[:] = self.stack[:height]

    def _tracker(self, value: Any) -> Any:
        if is_reproducible(value):
            with contextlib.suppress(Exception):  # whatever Dynamo has against it
                return self._build(value)
        return self._unknown()

    def _unknown(self) -> Any:
        from torch._dynamo.variables.misc import UnknownVariable

        return UnknownVariable()

    def _build(self, value: Any) -> Any:
        from torch._dynamo.variables import ListVariable, TupleVariable
        from torch._dynamo.variables.base import ValueMutationNew, VariableTracker

        build = VariableTracker.build
        if isinstance(value, PLAIN):
            return build(self.translator, value)
        if isinstance(value, RecordedTensor):
            options = {"dtype": build(self.translator, value.dtype)}
            if value.device != "cpu":
                options["device"] = build(self.translator, torch.device(value.device))
            shape = build(self.translator, value.shape)
            empty = build(self.translator, torch.empty)
            return empty.call_function(self.translator, [shape], options)
        if isinstance(value, RecordedItems) and value.keys is None:
            items = [self._build(item) for item in value.items]
            if value.kind is tuple:
                return TupleVariable(items)
            return ListVariable(items, mutation_type=ValueMutationNew())
        return self._unknown()


def is_follow_up(error: BaseException) -> bool:
    """Return whether Dynamo failed at a placeholder that `FailedInstruction` has left."""
    return UNKNOWN.search(text_of(error)) is not None


def is_runtime(error: BaseException) -> bool:
    """Whether an operator failed on the fake tensors that it was given."""
    return isinstance(error, errors.TORCH_RUNTIME)


def _holds_unknown(tracker: Any) -> bool:
    from torch._dynamo.variables.lists import BaseListVariable
    from torch._dynamo.variables.misc import UnknownVariable

    parts = tracker.items if isinstance(tracker, BaseListVariable) else ()
    return type(tracker) is UnknownVariable or any(map(_holds_unknown, parts))


@contextlib.contextmanager
def resume_failed_instructions(go_on: Callable[[FailedInstruction], bool]) -> Iterator[None]:
    """Within, `go_on` is asked what to do where Dynamo is stuck; False lets it raise."""
    from torch._dynamo.symbolic_convert import InstructionTranslatorBase

    step = getattr(InstructionTranslatorBase, STEP, None)
    if step is None:
        yield
        return

    @functools.wraps(step)
    def wrapper(self: Any) -> Any:
        stack = list(self.stack)
        try:
            return step(self)
        except STUCK as error:
            if go_on(FailedInstruction(self, self.current_instruction, error, stack)):
                return True
            raise

    with mock.patch.object(InstructionTranslatorBase, STEP, wrapper):
        yield
