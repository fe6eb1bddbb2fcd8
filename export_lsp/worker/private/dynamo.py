"""Dynamo's symbolic frames: which instruction of the user's it stood at.

Dynamo interprets the user's bytecode in `InstructionTranslator.run`; such a Python frame, live or
in a traceback, knows the user's code object and the instruction.  Seen in torch 2.6 to 2.13.
Where a name is missing, strict findings fall back to ``real_stack`` of Dynamo's exceptions.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from types import CodeType, FrameType, TracebackType
from typing import Any

from export_lsp.worker.user_code import instructions
from export_lsp.worker.user_code.instructions import Positions

MODULE = os.path.join("torch", "_dynamo", "symbolic_convert.py")


@dataclass(frozen=True)
class SymbolicFrame:
    """A frame of the user's as Dynamo interprets it; `positions` are those of ``co_positions``."""

    code: CodeType
    line: int
    positions: Positions | None


def symbolic_frame(frame: FrameType) -> SymbolicFrame | None:
    """What a frame of Dynamo's interpreter loop stands for; None for every other frame."""
    code = frame.f_code
    if code.co_name != "run" or not code.co_filename.endswith(MODULE):
        return None
    translator: Any = frame.f_locals.get("self")
    if not hasattr(translator, "f_code") or not hasattr(translator, "lineno"):
        return None
    return SymbolicFrame(translator.f_code, translator.lineno, _positions(translator))


def variables(frame: FrameType) -> dict[str, Any]:
    """The local variables of a frame of Dynamo's interpreter loop, as far as they have sizes.

    Names are those of torch 2.6 to 2.13: ``symbolic_locals`` of the translator, ``example_value``
    of a tensor's node, ``sym_num`` of a number, ``items`` of a list or dict.
    """
    known = getattr(frame.f_locals.get("self"), "symbolic_locals", {})
    values = {name: _value(tracked) for name, tracked in known.items()}
    return {name: value for name, value in values.items() if value is not None}


def _value(tracked: Any, depth: int = 2) -> Any:
    """What a variable holds; its own attributes only, since Dynamo's properties may raise."""
    own = getattr(tracked, "__dict__", {})
    if own.get("sym_num") is not None:
        return own["sym_num"]
    if "proxy" in own:
        return getattr(own["proxy"].node, "meta", {}).get("example_value")
    if depth and isinstance(own.get("items"), list):
        return [_value(item, depth - 1) for item in own["items"]]
    return None


def _positions(translator: Any) -> Positions | None:
    """Dynamo rewrites the bytecode: what a jump tests is looked for among its own instructions."""
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
    """Whether an exception passed through Dynamo's interpreter."""
    while tb is not None:
        if tb.tb_frame.f_code.co_filename.endswith(MODULE):
            return True
        tb = tb.tb_next
    return False


def keep_tracebacks() -> None:
    """Let Dynamo leave its own frames in tracebacks: `symbolic_frame` reads them."""
    import torch._dynamo

    torch._dynamo.config.verbose = True
