"""Dynamo's symbolic frames: the user's code, instruction and variables that Dynamo was at.

Dynamo interprets the user's bytecode in ``InstructionTranslator.run``.  A Python frame of that
method, live or in a traceback, has the user's code object and the current instruction.

Seen in torch 2.6 to 2.13.  Without these names findings in strict mode use the ``real_stack`` of
Dynamo's exceptions, and conditions for ``torch._check`` name no variables.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from types import CodeType, FrameType, TracebackType
from typing import Any

import torch._dynamo

from export_lsp.worker.user_code import instructions
from export_lsp.worker.user_code.instructions import Positions

MODULE = os.path.join("torch", "_dynamo", "symbolic_convert.py")


@dataclass(frozen=True)
class SymbolicFrame:
    """A frame of traced code that Dynamo interprets.

    `positions` are None if it has no columns, `instruction` is the name of the current one.
    """

    code: CodeType
    line: int
    positions: Positions | None
    instruction: str


def symbolic_frame(frame: FrameType) -> SymbolicFrame | None:
    """Return what a frame of Dynamo's interpreter loop stands for; None for any other frame."""
    code = frame.f_code
    if code.co_name != "run" or not code.co_filename.endswith(MODULE):
        return None
    translator: Any = frame.f_locals.get("self")
    if not hasattr(translator, "f_code") or not hasattr(translator, "lineno"):
        return None
    name = getattr(getattr(translator, "current_instruction", None), "opname", "")
    return SymbolicFrame(translator.f_code, translator.lineno, _positions(translator), name)


def variables(frame: FrameType) -> dict[str, Any]:
    """Return the variables of a frame of Dynamo's interpreter loop that have sizes, by name.

    The values are fake tensors, symbolic numbers, and lists of these.  The names used are
    ``symbolic_locals`` of the translator, ``example_value`` of a tensor's node, ``sym_num`` of a
    number, and ``items`` of a list or dict.
    """
    known = getattr(frame.f_locals.get("self"), "symbolic_locals", {})
    values = {name: _value(tracked) for name, tracked in known.items()}
    return {name: value for name, value in values.items() if value is not None}


def _value(tracked: Any, depth: int = 2) -> Any:
    """Return what a variable holds; only its own attributes, as Dynamo's properties may raise."""
    own = getattr(tracked, "__dict__", {})
    if own.get("sym_num") is not None:
        return own["sym_num"]
    if "proxy" in own:
        return getattr(own["proxy"].node, "meta", {}).get("example_value")
    if depth and isinstance(own.get("items"), list):
        return [_value(item, depth - 1) for item in own["items"]]
    return None


def _positions(translator: Any) -> Positions | None:
    """Return the position of the current instruction, or of the value that it tests.

    Dynamo has rewritten the bytecode, so its instructions are searched and not the code object.
    """
    current = getattr(translator, "current_instruction", None)
    for index, instruction in enumerate(getattr(translator, "instructions", ())):
        if instruction is current:
            before = translator.instructions[: index + 1]
            current = before[instructions.tested_value([item.opname for item in before])]
            break
    positions = getattr(current, "positions", None)
    if positions is None:
        return None
    return (
        positions.lineno,
        positions.end_lineno,
        positions.col_offset,
        positions.end_col_offset,
    )


def was_tracing(tb: TracebackType | None) -> bool:
    """Return whether an exception has passed through Dynamo's interpreter."""
    while tb is not None:
        if tb.tb_frame.f_code.co_filename.endswith(MODULE):
            return True
        tb = tb.tb_next
    return False


def keep_tracebacks() -> None:
    """Make Dynamo leave its own frames in tracebacks, for `symbolic_frame`."""
    torch._dynamo.config.verbose = True
