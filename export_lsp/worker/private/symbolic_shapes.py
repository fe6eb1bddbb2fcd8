"""``torch.fx.experimental.symbolic_shapes``: data-dependent guards and symbolic expressions.

Seen in torch 2.6 to 2.13.  Each function says what is lost without its name.
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from types import FrameType
from typing import Any
from unittest import mock

import sympy
import torch
from sympy.logic.boolalg import BooleanFunction
from sympy.printing.precedence import PRECEDENCE
from torch.fx.experimental import symbolic_shapes
from torch.utils._sympy import printers

from export_lsp.worker.system.own_frames import is_own, own_files

Number = bool | int | float

HANDLER = "non_strict_utils.py"
FIND_USER_CODE = "_find_user_code_frame"


@dataclass(frozen=True)
class Question:
    """A data-dependent guard: an expression whose value a trace needs to know.

    `environment` is the ``ShapeEnv``, `expression` a sympy expression, and `error` the exception
    that torch raises for it.
    """

    environment: Any
    expression: Any
    error: BaseException

    @property
    def is_truth(self) -> bool:
        """True if the answer is yes or no."""
        return isinstance(self.expression, (sympy.Rel, BooleanFunction))

    def answer(self, numbers: Mapping[str, Number]) -> Number | None:
        """Return the expression's value for these values of its unbacked symbols, by name.

        Other sizes are those of the example inputs.  None if the value of a symbol is missing.
        """
        known = {
            symbol: sympy.sympify(int(number) if isinstance(number, bool) else number)
            for symbol in self.expression.free_symbols
            if (number := numbers.get(str(symbol))) is not None
        }
        value = self.expression.xreplace(known).xreplace(_hints(self.environment))
        if value in (sympy.true, sympy.false):
            return bool(value)
        if not value.is_number:
            return None
        return int(value) if value.is_integer else float(value)


def _hints(environment: Any) -> Any:
    """Return the example's sizes by their symbols.

    The attribute is ``var_to_val`` before torch 2.10.  Without it only guards on nothing but
    unbacked symbols have answers.
    """
    hints = getattr(environment, "backed_var_to_val", None)
    return hints if hints is not None else getattr(environment, "var_to_val", {})


def suggest_checks(error: BaseException, frame: FrameType | None) -> None:
    """Make torch add to the text of a data-dependent guard what it adds at the end of a trace.

    That is done by its handler of torch functions in non-strict mode, if the exception passes it:
    the line of the call, and checks in terms of the variables there.  Without torch's functions the
    text lacks them.

    Args:
        error: The exception, which has been raised.
        frame: The innermost frame of the stack that it was raised from.
    """
    suggest = getattr(symbolic_shapes, "_suggest_fixes_for_data_dependent_error_non_strict", None)
    if suggest is None or not _passes_handler(frame):
        return
    with (
        contextlib.suppress(Exception),
        mock.patch.object(symbolic_shapes, FIND_USER_CODE, functools.partial(_user_code, frame)),
    ):
        suggest(error)


def _passes_handler(frame: FrameType | None) -> bool:
    while frame is not None:
        code = frame.f_code
        if code.co_name == "__torch_function__" and code.co_filename.endswith(HANDLER):
            return True
        frame = frame.f_back
    return False


def _user_code(frame: FrameType | None) -> FrameType | None:
    """Return the innermost frame that is neither torch's nor ours, as torch looks for it."""
    torch_folder = os.path.dirname(torch.__file__) + os.sep
    while frame is not None and (
        is_own(frame) or frame.f_code.co_filename.startswith(torch_folder)
    ):
        frame = frame.f_back
    return frame


def ignore_own_frames() -> None:
    """Make torch's texts blame the frames that they would blame without ours on the stack."""
    ignored: set[str] = getattr(symbolic_shapes, "uninteresting_files", set)()
    ignored.update(own_files())
    if hasattr(symbolic_shapes, FIND_USER_CODE):
        setattr(symbolic_shapes, FIND_USER_CODE, lambda: _user_code(sys._getframe(1)))


def expression_of(value: Any) -> Any:
    """Return the sympy expression of a symbolic number; None for anything else."""
    if isinstance(value, (torch.SymInt, torch.SymFloat, torch.SymBool)):
        return getattr(getattr(value, "node", None), "expr", None)
    return None


def python(expression: Any) -> str:
    """Return a sympy expression, torch's own functions included, in Python's syntax.

    Without ``PythonPrinter`` a division is written as torch's own function, so that no condition
    with one can be proved.
    """
    printer: Any = getattr(printers, "PythonPrinter", None)
    return str(printer().doprint(expression) if printer is not None else expression)


def readable(expression: Any) -> str:
    """Return a sympy expression as people write it: without conversions, and with short numbers.

    Without ``PythonPrinter`` it is written as sympy does.
    """
    printer = _readable_printer()
    return str(printer.doprint(expression) if printer is not None else expression)


@functools.cache
def _readable_printer() -> Any:
    python_printer: Any = getattr(printers, "PythonPrinter", None)
    if python_printer is None:
        return None

    class Readable(python_printer):
        def _print_ToFloat(self, converted: Any) -> str:  # noqa: N802
            return str(self.parenthesize(converted.args[0], PRECEDENCE["Atom"] - 0.5))

        def _print_Float(self, number: Any) -> str:  # noqa: N802
            return repr(float(number))

    return Readable()


def symbol_of(size: Any) -> str | None:
    """Return the name of the symbol that a size consists of; None for any other size."""
    expression = expression_of(size)
    return str(expression) if isinstance(expression, sympy.Symbol) else None


def concrete_size(size: Any, chosen: Mapping[str, int]) -> int:
    """Return a size of a traced tensor as a number.

    Symbols have the numbers in `chosen`, by their names, the others those of the example inputs.
    Unbacked symbols without a number count as 1.
    """
    if isinstance(size, int):
        return size
    expression = expression_of(size)
    known = _hints(size.node.shape_env)
    numbers = {
        symbol: sympy.Integer(chosen.get(str(symbol), known.get(symbol, 1)))
        for symbol in expression.free_symbols
    }
    return int(expression.xreplace(numbers))


def lower_bound(ranges: Mapping[Any, Any], name: str) -> int:
    """Return the smallest size in the range of a symbol, among an exported program's ranges."""
    bounds = (int(bounds.lower) for symbol, bounds in ranges.items() if str(symbol) == name)
    return next(bounds, 0)


def in_range(ranges: Mapping[Any, Any], name: str, size: int) -> bool:
    """Return whether a size is in the range of a symbol, among an exported program's ranges."""
    found = (bounds for symbol, bounds in ranges.items() if str(symbol) == name)
    return all(bounds.lower <= size <= bounds.upper for bounds in found)


def sources_of(size: Any) -> dict[str, Any]:
    """Return the expressions of the sizes in the environment of a symbolic size.

    The keys are torch's names of the sizes, see `worker.targets.shape_entry.ShapeEntry.sources`.
    Without ``source_to_var`` sizes have no names.
    """
    environment: Any = getattr(getattr(size, "node", None), "shape_env", None)
    found = getattr(environment, "source_to_var", {})
    return {name: environment.replace(symbol) for name, symbol in found.items()}


def example_size(environment: Any, symbol: Any) -> int | None:
    """Return the example's size that a symbol stands for; None if it is unknown."""
    value = _hints(environment).get(symbol)
    return int(value) if value is not None else None


def example_value(environment: Any, expression: Any) -> int | None:
    """Return the example's value of an expression of sizes; None if it depends on data."""
    sizes = {symbol: example_size(environment, symbol) for symbol in expression.free_symbols}
    if None in sizes.values():
        return None
    return int(expression.xreplace({each: sympy.Integer(size) for each, size in sizes.items()}))
