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
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import CodeType
from typing import Any
from unittest import mock

import torch

from export_lsp.worker.eager.seen import PLAIN, SeenItems, SeenTensor, is_clear
from export_lsp.worker.private import errors

STEP = "step"
STUCK = (*errors.GRAPH_BREAK, *errors.USER_ERROR, *errors.TORCH_RUNTIME, *errors.HIGHER_ORDER)

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
# Instructions that only store: to go on without having stored is all there is to do.
STORES = ("STORE_ATTR", "STORE_SUBSCR", "DELETE_ATTR", "DELETE_SUBSCR")
# Instructions between a call and the one that takes its value.
TRANSPARENT = ("CACHE", "NOP", "PRECALL")


@dataclass(frozen=True)
class Stuck:
    """An instruction that could not be traced, before anything is done about it.

    `height` is that of the stack before it, `top` what lay uppermost.
    """

    translator: Any
    instruction: Any
    error: BaseException
    height: int
    top: Any

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
    def leaves_value(self) -> bool:
        return self.instruction.opname.startswith(ONE_VALUE)

    @property
    def is_discarded(self) -> bool:
        """Whether nobody uses the value it leaves."""
        instructions = self.translator.instructions
        index = self.translator.instruction_pointer
        while index is not None and instructions[index].opname in TRANSPARENT:
            index += 1
        return index is not None and instructions[index].opname == "POP_TOP"

    def jump(self, truth: bool) -> None:
        """Go on as if the condition had this truth value."""
        name = self.instruction.opname
        self._cut(self.height - 1)
        if truth == ("TRUE" in name):
            if "OR_POP" in name:
                self.translator.push(self.top)
            self.translator.jump(self.instruction)

    def store(self) -> None:
        """Go on without having stored."""
        self._cut(self.height + self._effect())

    def leave(self, value: Any) -> bool:
        """Go on with this value; False, with nothing done, if Dynamo cannot take it."""
        tracker = self._tracker(value)
        if tracker is None:
            return False
        self._cut(self.height + self._effect() - 1)
        self.translator.push(tracker)
        if hasattr(self.translator, "kw_names"):
            self.translator.kw_names = None
        return True

    def _effect(self) -> int:
        opcode, argument = self.instruction.opcode, self.instruction.arg
        effect = dis.stack_effect(opcode, argument)
        if sys.version_info[:2] == (3, 11) and self.instruction.opname == "CALL":
            # Dynamo drops the PRECALL that half of the effect belongs to.
            effect += dis.stack_effect(dis.opmap["PRECALL"], argument)
        return effect

    def _cut(self, height: int) -> None:
        del self.translator.stack[height:]

    def _tracker(self, value: Any) -> Any:
        if not is_clear(value):
            return None
        try:
            return self._build(value)
        except Exception:  # whatever Dynamo has against it, there is no going on with it
            return None

    def _build(self, value: Any) -> Any:
        from torch._dynamo.variables import ListVariable, TupleVariable
        from torch._dynamo.variables.base import ValueMutationNew, VariableTracker

        build = VariableTracker.build
        if isinstance(value, PLAIN):
            return build(self.translator, value)
        if isinstance(value, SeenTensor):
            options = {"dtype": build(self.translator, value.dtype)}
            if value.device != "cpu":
                options["device"] = build(self.translator, torch.device(value.device))
            shape = build(self.translator, value.shape)
            empty = build(self.translator, torch.empty)
            return empty.call_function(self.translator, [shape], options)
        if isinstance(value, SeenItems) and value.keys is None:
            items = [self._build(item) for item in value.items]
            if value.kind is tuple:
                return TupleVariable(items)
            return ListVariable(items, mutation_type=ValueMutationNew())
        return None


@contextlib.contextmanager
def resuming(go_on: Callable[[Stuck], bool]) -> Iterator[None]:
    """Within, `go_on` is asked what to do where Dynamo is stuck; False lets it raise."""
    from torch._dynamo.symbolic_convert import InstructionTranslatorBase

    step = getattr(InstructionTranslatorBase, STEP, None)
    if step is None:
        yield
        return

    @functools.wraps(step)
    def wrapper(self: Any) -> Any:
        height = len(self.stack)
        top = self.stack[-1] if height else None
        try:
            return step(self)
        except STUCK as error:
            if go_on(Stuck(self, self.current_instruction, error, height, top)):
                return True
            raise

    with mock.patch.object(InstructionTranslatorBase, STEP, wrapper):
        yield
