"""``torch.fx.experimental.symbolic_shapes``: data-dependent guards and symbolic expressions.

Seen in torch 2.6 to 2.13.  Each function says what is lost without its name.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sympy
import torch
from sympy.logic.boolalg import BooleanFunction
from torch.fx.experimental import symbolic_shapes
from torch.utils._sympy import printers

Number = bool | int | float


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


def suggest_checks(error: BaseException) -> None:
    """Make torch add its suggestions of ``torch._check`` to the text of a data-dependent guard.

    They use the variables of the frames on the stack.  Without torch's function the text has none.
    """
    suggest = getattr(symbolic_shapes, "_suggest_fixes_for_data_dependent_error_non_strict", None)
    if suggest is not None:
        with contextlib.suppress(Exception):
            suggest(error)


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
