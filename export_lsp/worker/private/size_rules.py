"""``ShapeEnv.guards``: the conditions that the sizes of an exported program's inputs have to meet.

A condition is compiled from its expression as torch prints it for its own checks.

Seen in torch 2.6 to 2.14.  Without ``guards`` only the ranges are known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sympy
import torch
from torch.export import ExportedProgram

from export_lsp.worker.private import symbolic_shapes

# No program has inputs of this size: it stands for "without end" in torch's ranges.
UNBOUNDED = 1 << 48


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
        condition = _condition(environment.replace(guard.expr), str(guard.expr))
        if condition is None or not condition.symbols <= symbols.keys():
            return None
        if condition.symbols:
            conditions.append(condition)
    for expression, bounds in program.range_constraints.items():
        if not isinstance(expression, sympy.Symbol):
            conditions.extend(_range_conditions(expression, bounds, symbols))
    ranges = {name: _range(program, name) for name in symbols}
    known = {name: size for name, size in example.items() if size is not None}
    return SizeRules(symbols, known, ranges, tuple(conditions))


def sorted_symbols(expression: Any) -> list[Any]:
    """Return the symbols of an expression in the order of their names."""
    return sorted(expression.free_symbols, key=str) if expression is not None else []


def _condition(expression: Any, guard: str) -> Condition | None:
    """Return an expression as a condition; None if it cannot be evaluated."""
    symbols = frozenset(map(str, getattr(expression, "free_symbols", ())))
    try:
        code = compile(symbolic_shapes.python(expression), "<guard>", "eval")
    except SyntaxError:
        return None
    wanted = set(code.co_names) - {"max", "min"}
    if not wanted <= symbols:
        return None  # a function of torch's

    def holds(sizes: Mapping[str, int]) -> bool:
        try:
            return bool(eval(code, {"__builtins__": {}, "max": max, "min": min}, dict(sizes)))
        except ZeroDivisionError:
            return False

    return Condition(guard, expression, symbols, holds)


def _range_conditions(expression: Any, bounds: Any, symbols: Mapping[str, Any]) -> list[Condition]:
    """Return the range of a derived size, such as ``8*s0``, as conditions."""
    lower, upper = _bounds(bounds)
    found = [_condition(sympy.Ge(expression, lower, evaluate=False), "")]
    if upper is not None:
        found.append(_condition(sympy.Le(expression, upper, evaluate=False), ""))
    return [each for each in found if each is not None and each.symbols <= symbols.keys()]


def _range(program: ExportedProgram, name: str) -> tuple[int, int | None]:
    for symbol, bounds in program.range_constraints.items():
        if str(symbol) == name:
            return _bounds(bounds)
    return 0, None


def _bounds(bounds: Any) -> tuple[int, int | None]:
    lower, upper = bounds.lower, bounds.upper
    finite = getattr(upper, "is_Integer", False) and int(upper) < UNBOUNDED
    return max(int(lower), 0), int(upper) if finite else None
