"""Where in the source an instruction of the user's code stands.

CPython gives a conditional jump the place of whatever was compiled before it: what `b.any()` does
in ``a is not None and b.any()`` would be blamed on ``a is not None``.  What made the value that is
tested comes right before the jump, and has a place of its own.
"""

from __future__ import annotations

import dis
import itertools
from collections.abc import Sequence
from types import CodeType

Positions = tuple[int | None, int | None, int | None, int | None]

# What stands between a value and the jump on it: caches, copies, and the name of `:=`.
BETWEEN = ("CACHE", "EXTENDED_ARG", "NOP", "COPY", "SWAP", "TO_BOOL")
STORES = "STORE_"
TESTS = ("TO_BOOL", "IF_TRUE", "IF_FALSE", "_OR_POP")


def positions(code: CodeType, offset: int) -> Positions | None:
    """(line, end line, column, end column) of what an instruction works on; None in Python 3.10."""
    if not hasattr(code, "co_positions"):
        return None
    index = offset // 2
    opcodes = code.co_code[::2]
    if index < len(opcodes) and dis.opname[opcodes[index]].endswith(TESTS):
        index = tested_value([dis.opname[opcode] for opcode in opcodes[: index + 1]])
    return next(itertools.islice(code.co_positions(), index, None), None)


def tested_value(names: Sequence[str]) -> int:
    """The index of what made the value that the last instruction tests; else of the last one."""
    last = len(names) - 1
    if not names[last].endswith(TESTS):
        return last
    return next(
        (
            index
            for index in range(last - 1, -1, -1)
            if names[index] not in BETWEEN and not names[index].startswith(STORES)
        ),
        last,
    )
