"""A guard's expression as the conditions that a person would write, in names of live variables."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping, Sequence

import sympy
from sympy.logic.boolalg import And, Boolean, Not, Or

from export_lsp.worker.private import symbolic_shapes

Terms = Sequence[tuple[sympy.Expr, str]]

OPERATORS = {
    sympy.Eq: "==",
    sympy.Ne: "!=",
    sympy.Gt: ">",
    sympy.Ge: ">=",
    sympy.Lt: "<",
    sympy.Le: "<=",
}
MIRRORED = {"==": "==", "!=": "!=", ">": "<", ">=": "<=", "<": ">", "<=": ">="}
# Of whole numbers: `a > b - 1` is `a >= b`.
SHIFTED = {(">", -1): ">=", (">=", 1): ">", ("<", 1): "<=", ("<=", -1): "<"}


def conditions(expression: Boolean, holds: bool, terms: Terms) -> list[list[str]]:
    """Ways to state that an expression holds, or that it does not: each some conditions that are
    all to be stated.  None where one of its symbols has no name."""
    stated = expression if holds else sympy.Not(expression)
    facts = list(_facts(stated))
    written = [_written(fact, terms) for fact in facts]
    if not written or any(not ways for ways in written):
        return []
    [first, *others] = written
    rest = [ways[0] for ways in others]
    return [[way, *rest] for way in first]


def _facts(stated: Boolean) -> Iterator[Boolean]:
    """What all has to hold for it, without `and` and `or`: a check of those asks for its parts."""
    if isinstance(stated, And):
        for part in stated.args:
            yield from _facts(part)
    elif isinstance(stated, Not) and isinstance(stated.args[0], Or):
        for part in stated.args[0].args:
            yield from _facts(sympy.Not(part))
    else:
        yield stated


def _written(fact: Boolean, terms: Terms) -> list[str]:
    """The ways to write one fact, the one that torch makes most of first."""
    named = _named(fact, terms)
    if named is None:
        return []
    relation, names = named
    kind = next((op for cls, op in OPERATORS.items() if type(relation) is cls), None)
    if kind is None:
        return [_tidy(symbolic_shapes.python(relation), names)]
    left, operator, right = _sides(relation.lhs, kind, relation.rhs)
    ways = [f"{_text(left, names)} {operator} {_text(right, names)}"]
    if operator == "!=" and right == 0 and _is_size(left, names):
        # A size is not negative, and torch 2.13 makes more of "> 0".
        ways.insert(0, f"{_text(left, names)} > 0")
    if operator == "<=" and right == 0 and _is_size(left, names):
        ways.insert(0, f"{_text(left, names)} == 0")
    return ways


def _is_size(left: sympy.Expr, names: Mapping[sympy.Symbol, str]) -> bool:
    return all(".shape[" in names.get(symbol, "") for symbol in left.free_symbols)


def _named(fact: Boolean, terms: Terms) -> tuple[Boolean, dict[sympy.Symbol, str]] | None:
    """The fact over symbols that stand for names; None if there are not names enough."""
    names: dict[sympy.Symbol, str] = {}
    wanted = fact.free_symbols
    replaced: dict[sympy.Basic, sympy.Expr] = {}
    for symbol in wanted:
        found = _name_of(symbol, terms)
        if found is None:
            return _named_whole(fact, terms)
        expression, text, placeholder = found
        names[placeholder] = text
        replaced[symbol] = expression
    return fact.xreplace(replaced), names


def _name_of(symbol: sympy.Symbol, terms: Terms) -> tuple[sympy.Expr, str, sympy.Symbol] | None:
    """What gives a symbol: one of the terms, or one that it is a linear part of."""
    for expression, text in terms:
        if expression == symbol:
            placeholder = _placeholder(text)
            return placeholder, text, placeholder
    for expression, text in terms:
        if expression.free_symbols == {symbol} and expression.is_polynomial(symbol):
            slope, offset = expression.coeff(symbol, 1), expression.coeff(symbol, 0)
            if sympy.expand(slope * symbol + offset - expression) == 0 and slope != 0:
                placeholder = _placeholder(text)
                return (placeholder - offset) / slope, text, placeholder
    return None


def _named_whole(fact: Boolean, terms: Terms) -> tuple[Boolean, dict[sympy.Symbol, str]] | None:
    """The fact with whole terms in it, such as the length of what was put together."""
    names: dict[sympy.Symbol, str] = {}
    for expression, text in terms:
        if expression.free_symbols & fact.free_symbols:
            placeholder = _placeholder(text)
            replaced = fact.subs(expression, placeholder)
            if replaced != fact:
                fact = replaced
                names[placeholder] = text
    return (fact, names) if fact.free_symbols == set(names) else None


def _placeholder(text: str) -> sympy.Symbol:
    """A symbol that a text can be put in place of: one text has one."""
    return sympy.Symbol(f"name_{text.encode().hex()}", integer=True)


def _sides(
    left: sympy.Expr, operator: str, right: sympy.Expr
) -> tuple[sympy.Expr, str, sympy.Expr]:
    """A relation without common factors, with positive terms on both sides and the constant on
    the right."""
    difference = sympy.expand(left - right)
    coefficients = difference.as_coefficients_dict()
    if not all(value.is_rational for value in coefficients.values()):
        return left, operator, right
    scale = sympy.Integer(math.lcm(*(int(value.q) for value in coefficients.values())))
    common = math.gcd(*(int(value * scale) for value in coefficients.values())) or 1
    parts = {term: value * scale / common for term, value in coefficients.items()}
    constant = parts.pop(sympy.S.One, sympy.S.Zero)
    plus = sympy.Add(*(value * term for term, value in parts.items() if value > 0))
    minus = sympy.Add(*(-value * term for term, value in parts.items() if value < 0))
    if plus == 0:
        plus, minus, constant = minus, plus, -constant
        operator = MIRRORED[operator]
    operator, constant = _shifted(operator, constant)
    return plus, operator, minus - constant


def _shifted(operator: str, constant: sympy.Expr) -> tuple[str, sympy.Expr]:
    """A relation of whole numbers without a constant of one: `a >= b + 1` is `a > b`."""
    other = SHIFTED.get((operator, int(-constant))) if constant.is_integer else None
    return (other, sympy.S.Zero) if other is not None else (operator, constant)


def _text(expression: sympy.Expr, names: Mapping[sympy.Symbol, str]) -> str:
    return _tidy(symbolic_shapes.python(expression), names)


def _tidy(text: str, names: Mapping[sympy.Symbol, str]) -> str:
    """Python for a person: without superfluous parentheses, names in place of symbols."""
    tree = ast.parse(text, mode="eval")
    return ast.unparse(_Named({str(symbol): name for symbol, name in names.items()}).visit(tree))


class _Named(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._names:
            return ast.parse(self._names[node.id], mode="eval").body
        return node
