"""``ShapeEnv.guards``: the conditions that the sizes of an exported program's inputs have to meet.

A condition is compiled from its expression as torch prints it for its own checks.

Seen in torch 2.6 to 2.14.  Without ``guards`` only the ranges are known.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sympy
import torch
from torch.export import ExportedProgram

from export_lsp.worker.private import symbolic_shapes

# No program has inputs of this size: it stands for "without end" in torch's ranges.
UNBOUNDED = 1 << 48
# A program does not check a lower bound up to this one, which may only say that 0 and 1 were not
# traced (torch 2.13, ``_check_input_constraints_for_graph``).
UNCHECKED = 2
# The functions that torch prints by these names.
FUNCTIONS = {"max": max, "min": min}


@dataclass(frozen=True)
class Condition:
    """A condition on sizes: the guard as torch writes it, and the symbols in it.

    `holds` takes the sizes by the names of the symbols.
    """

    guard: str
    expression: Any
    symbols: frozenset[str]
    holds: Callable[[Mapping[str, int]], bool]


@dataclass(frozen=True)
class SizeRules:
    """The sizes that a program accepts.

    `example` has the example's size of each symbol of the inputs, `ranges` the smallest and the
    largest size, None if there is no largest.  `conditions` are those that no range says.
    """

    symbols: Mapping[str, sympy.Symbol]
    example: Mapping[str, int]
    ranges: Mapping[str, tuple[int, int | None]]
    conditions: tuple[Condition, ...]


def size_rules(program: ExportedProgram, inputs: list[torch.Tensor]) -> SizeRules | None:
    """Return the rules of a program; None if no size of its inputs varies, or some rule is unclear.

    Args:
        program: The program.
        inputs: The traced tensors of its inputs.
    """
    sizes = [each for tensor in inputs for each in tensor.shape if isinstance(each, torch.SymInt)]
    expressions = [symbolic_shapes.expression_of(size) for size in sizes]
    symbols = {str(each): each for found in expressions for each in sorted_symbols(found)}
    if not sizes or not symbols:
        return None
    environment = sizes[0].node.shape_env
    example = {name: symbolic_shapes.example_size(environment, symbols[name]) for name in symbols}
    if None in example.values():
        return None
    conditions = []
    for guard in getattr(environment, "guards", ()):
        condition = _condition(guard.expr, environment)
        if condition is None or not condition.symbols <= symbols.keys():
            return None
        if condition.symbols:
            conditions.append(condition)
    for expression, bounds in program.range_constraints.items():
        if not isinstance(expression, sympy.Symbol):
            conditions.extend(_range_conditions(expression, bounds, symbols, environment))
    ranges = {name: _range(program, name) for name in symbols}
    known = {name: size for name, size in example.items() if size is not None}
    return SizeRules(symbols, known, ranges, tuple(conditions))


def sorted_symbols(expression: Any) -> list[Any]:
    """Return the symbols of an expression in the order of their names."""
    return sorted(expression.free_symbols, key=str) if expression is not None else []


def _condition(expression: Any, environment: Any) -> Condition | None:
    """Return an expression as a condition; None if it cannot be evaluated.

    It is evaluated as it is: sympy takes a size for positive, so that it would drop what excludes 0
    from an expression with other symbols.
    """
    derived = {str(each): environment.replace(each) for each in sorted_symbols(expression)}
    symbols = frozenset(str(each) for found in derived.values() for each in found.free_symbols)
    compiled = _compiled(expression, derived.keys())
    sizes = {name: _compiled(found, symbols) for name, found in derived.items()}
    if compiled is None or None in sizes.values():
        return None

    def holds(chosen: Mapping[str, int]) -> bool:
        try:
            own = {name: size(chosen) for name, size in sizes.items() if size is not None}
            return bool(compiled(own))
        except ZeroDivisionError:
            return False

    return Condition(str(expression), expression, symbols, holds)


def _compiled(expression: Any, names: Collection[str]) -> Callable[[Mapping[str, int]], Any] | None:
    """Return a function of sizes by name; None if the expression has more than names in it."""
    try:
        code = compile(symbolic_shapes.python(expression), "<size>", "eval")
    except SyntaxError:
        return None
    if not set(code.co_names) - FUNCTIONS.keys() <= set(names):
        return None  # a function of torch's
    return lambda sizes: eval(code, {"__builtins__": {}, **FUNCTIONS}, dict(sizes))


def _range_conditions(
    expression: Any, bounds: Any, symbols: Mapping[str, Any], environment: Any
) -> list[Condition]:
    """Return the range of a derived size, such as ``8*s0``, as conditions."""
    lower, upper = _bounds(bounds)
    found = [_condition(sympy.Ge(expression, lower, evaluate=False), environment)]
    if upper is not None:
        found.append(_condition(sympy.Le(expression, upper, evaluate=False), environment))
    return [each for each in found if each is not None and each.symbols <= symbols.keys()]


def _range(program: ExportedProgram, name: str) -> tuple[int, int | None]:
    for symbol, bounds in program.range_constraints.items():
        if str(symbol) == name:
            return _bounds(bounds)
    return 0, None


def _bounds(bounds: Any) -> tuple[int, int | None]:
    lower, upper = bounds.lower, bounds.upper
    finite = getattr(upper, "is_Integer", False) and int(upper) < UNBOUNDED
    least = int(lower) if int(lower) > UNCHECKED else 0
    return least, int(upper) if finite else None
