"""Source positions of bytecode instructions.

CPython gives a conditional jump the position of the code before it.  In ``a is not None and
b.any()`` the test of ``b.any()`` is attributed to ``a is not None``.  The instruction that makes
the tested value comes right before the jump and has a position of its own, which is used instead.
"""

from __future__ import annotations

import dis
import itertools
from collections.abc import Sequence
from types import CodeType

# Line and end line from 1, column and end column in UTF-8 bytes from 0.
Positions = tuple[int | None, int | None, int | None, int | None]

# Instructions between a value and the jump that tests it: caches, copies, and the store of `:=`.
BETWEEN = ("CACHE", "EXTENDED_ARG", "NOP", "COPY", "SWAP", "TO_BOOL")
STORES = "STORE_"
TESTS = ("TO_BOOL", "IF_TRUE", "IF_FALSE", "_OR_POP")


def positions(code: CodeType, offset: int) -> Positions | None:
    """Return the position of the expression that an instruction evaluates or tests.

    Args:
        code: The code object of the instruction.
        offset: The instruction's offset in bytes, such as ``f_lasti``.

    Returns:
        None in Python 3.10, which keeps no columns.
    """
    if not hasattr(code, "co_positions"):
        return None
    index = offset // 2
    opcodes = code.co_code[::2]
    if index < len(opcodes) and dis.opname[opcodes[index]].endswith(TESTS):
        index = tested_value([dis.opname[opcode] for opcode in opcodes[: index + 1]])
    return next(itertools.islice(code.co_positions(), index, None), None)


def line_of(code: CodeType, offset: int) -> int | None:
    """Return the line of an instruction, from 1, by its offset in bytes; None if it has none."""
    return next((line for start, end, line in code.co_lines() if start <= offset < end), None)


def tested_value(names: Sequence[str]) -> int:
    """Return the index of the instruction that makes the value which the last one tests.

    `names` are the instructions' names.  If the last one tests nothing, its own index is returned.
    """
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
