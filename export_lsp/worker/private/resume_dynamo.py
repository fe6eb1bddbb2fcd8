"""Replace the results of instructions that Dynamo cannot trace, so that its interpreter goes on.

``InstructionTranslatorBase.step`` carries out one instruction of the user's code.  What it raises
would end the capture.

Seen in torch 2.6 to 2.13, with Python 3.10 to 3.13.  Without ``step`` a strict capture ends at its
first failure, as torch's own does.
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

from torch._dynamo import symbolic_convert

from export_lsp.worker.private import dynamo_values, errors
from export_lsp.worker.text.exception_text import text_of

TRANSLATOR = "InstructionTranslatorBase"
STEP = "step"

# The exceptions with which an instruction fails; others are not replaced.
FAILURES = (*errors.GRAPH_BREAK, *errors.USER_ERROR, *errors.TORCH_RUNTIME, *errors.HIGHER_ORDER)

# Dynamo's names of a value that nothing is known about.
UNKNOWN = re.compile(r"<unknown type>|\bUnknown(?:Variable)?\b")

# How ``torch.cond`` and the like refuse functions that return, or change, what they are given.
ALIASES = re.compile(r"do not support (?:aliasing|input mutation)")

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
# Leaves as many values as its argument says.
UNPACKS = "UNPACK_SEQUENCE"
# Instructions that enter a context.  They leave its exit function and the value bound by ``as``.
ENTERS = ("BEFORE_WITH", "SETUP_WITH")
# Instructions that only store.  The trace goes on without the store.
STORES = ("STORE_ATTR", "STORE_SUBSCR", "DELETE_ATTR", "DELETE_SUBSCR")
# Instructions between a call and the one that takes its value.
TRANSPARENT = ("CACHE", "NOP", "PRECALL")


@dataclass(frozen=True)
class FailedInstruction:
    """An instruction that Dynamo could not trace.

    `translator` is Dynamo's interpreter of the frame, and `stack` its value stack from before the
    instruction.  One of `jump`, `store` and `leave` lets the interpreter go on.
    """

    translator: Any
    instruction: Any
    error: BaseException
    stack: list[Any]

    @property
    def code(self) -> CodeType:
        """The code object, the user's or a library's, that the instruction belongs to."""
        return self.translator.f_code

    @property
    def is_jump(self) -> bool:
        """True for a conditional jump."""
        return "JUMP" in self.instruction.opname and "IF" in self.instruction.opname

    @property
    def is_store(self) -> bool:
        """True for an instruction that only stores."""
        return self.instruction.opname.startswith(STORES)

    @property
    def values(self) -> int:
        """The number of values that the instruction leaves; 0 if they cannot be replaced."""
        name = self.instruction.opname
        if name == UNPACKS:
            return int(self.instruction.argval)
        return 2 if name in ENTERS else int(name.startswith(ONE_VALUE))

    @property
    def is_follow_up(self) -> bool:
        """True if the instruction fails because of a value that is unknown since an earlier one."""
        taken = self.stack[len(self.translator.stack) :] or self.stack[-1:]
        return is_follow_up(self.error) or any(map(dynamo_values.holds_unknown, taken))

    @property
    def is_discarded(self) -> bool:
        """True if the next instruction discards the value."""
        instructions = self.translator.instructions
        index = self.translator.instruction_pointer
        while index is not None and instructions[index].opname in TRANSPARENT:
            index += 1
        return index is not None and instructions[index].opname == "POP_TOP"

    @property
    def is_runtime(self) -> bool:
        """True if an operator failed on its fake tensors."""
        return is_runtime(self.error)

    def jump(self, truth: bool) -> None:
        """Go on as if the condition of a jump had this truth value."""
        name = self.instruction.opname
        self._restore_stack(len(self.stack) - 1)
        if truth == ("TRUE" in name):
            if "OR_POP" in name:
                self.translator.push(self.stack[-1])
            self.translator.jump(self.instruction)

    def store(self) -> None:
        """Go on without the store."""
        self._restore_stack(len(self.stack) + self._effect())

    def leave(self, value: Any) -> None:
        """Go on with a recorded value; with unknown ones if Dynamo cannot represent it."""
        variables = [
            dynamo_values.variable_of(value, self.translator)
            if self.values == 1
            else dynamo_values.unknown()
        ]
        variables += [dynamo_values.unknown() for _ in range(self.values - 1)]
        self._restore_stack(len(self.stack) + self._effect() - self.values)
        for variable in variables:
            self.translator.push(variable)
        if hasattr(self.translator, "kw_names"):
            self.translator.kw_names = None

    def _effect(self) -> int:
        """Return by how much the instruction changes the height of the stack."""
        opcode, argument = self.instruction.opcode, self.instruction.arg
        effect = dis.stack_effect(opcode, argument)
        if sys.version_info[:2] == (3, 11) and self.instruction.opname == "CALL":
            # Dynamo drops PRECALL, which has half of the effect of a call.
            effect += dis.stack_effect(dis.opmap["PRECALL"], argument)
        return effect

    def _restore_stack(self, height: int) -> None:
        """Restore the stack from before the instruction, up to a height."""
        self.translator.stack[:] = self.stack[:height]


def is_follow_up(error: BaseException) -> bool:
    """Return whether Dynamo failed at an unknown value that a `FailedInstruction` has left."""
    return UNKNOWN.search(text_of(error)) is not None


def is_about_aliases(error: BaseException) -> bool:
    """Return whether ``torch.cond`` or the like refused what its functions return or change."""
    return ALIASES.search(text_of(error)) is not None


def is_runtime(error: BaseException) -> bool:
    """Return whether an operator failed on the fake tensors that Dynamo called it with."""
    return isinstance(error, errors.TORCH_RUNTIME)


@contextlib.contextmanager
def resume_failed_instructions(resume: Callable[[FailedInstruction], bool]) -> Iterator[None]:
    """Context manager in which `resume` decides about each instruction that Dynamo cannot trace.

    `resume` returns True if it has let the interpreter go on, False to let the instruction raise.
    """
    translator: Any = getattr(symbolic_convert, TRANSLATOR, None)
    step = getattr(translator, STEP, None)
    if step is None:
        yield
        return

    @functools.wraps(step)
    def wrapper(self: Any) -> Any:
        stack = list(self.stack)
        try:
            return step(self)
        except FAILURES as error:
            if resume(FailedInstruction(self, self.current_instruction, error, stack)):
                return True
            raise

    with mock.patch.object(translator, STEP, wrapper):
        yield
