"""Writes a guard's expression as the Python conditions that a person would write."""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping, Sequence

import sympy
from sympy.logic.boolalg import And, Boolean, Not, Or

from export_lsp.worker.private import symbolic_shapes

# Symbolic expressions with the user's texts for them.
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
# For integers: `a > b - 1` is `a >= b`.
WITHOUT_ONE = {(">", -1): ">=", (">=", 1): ">", ("<", 1): "<=", ("<=", -1): "<"}


def conditions(expression: Boolean, holds: bool, terms: Terms) -> list[list[str]]:
    """Return the ways to state that an expression holds, or that it does not.

    Args:
        expression: A relation of symbolic sizes, or a combination of relations.
        holds: False to state the negation.
        terms: The names that the conditions may use.

    Returns:
        The ways, the one that helps torch most first; each is a list of conditions to state
        together.  The list is empty if a symbol of the expression has no name.
    """
    stated = expression if holds else sympy.Not(expression)
    written = [_written(conjunct, terms) for conjunct in _conjuncts(stated)]
    if not written or any(not ways for ways in written):
        return []
    [first, *others] = written
    rest = [ways[0] for ways in others]
    return [[way, *rest] for way in first]


def _conjuncts(stated: Boolean) -> Iterator[Boolean]:
    """Yield the parts of a conjunction.  A check of `a and b` asks for the value of each part."""
    if isinstance(stated, And):
        for part in stated.args:
            yield from _conjuncts(part)
    elif isinstance(stated, Not) and isinstance(stated.args[0], Or):
        for part in stated.args[0].args:
            yield from _conjuncts(sympy.Not(part))
    else:
        yield stated


def _written(fact: Boolean, terms: Terms) -> list[str]:
    """Return the ways to write one relation, the one that helps torch most first."""
    named = _in_names(fact, terms)
    if named is None:
        return []
    relation, names = named
    kind = next((op for cls, op in OPERATORS.items() if type(relation) is cls), None)
    if kind is None:
        return [_with_names(symbolic_shapes.python(relation), names)]
    left, operator, right = _normalized(relation.lhs, kind, relation.rhs)
    ways = [f"{_text(left, names)} {operator} {_text(right, names)}"]
    if operator == "!=" and right == 0 and _is_size(left, names):
        # A size is not negative, and torch 2.13 derives more from "> 0".
        ways.insert(0, f"{_text(left, names)} > 0")
    if operator == "<=" and right == 0 and _is_size(left, names):
        ways.insert(0, f"{_text(left, names)} == 0")
    return ways


def _is_size(left: sympy.Expr, names: Mapping[sympy.Symbol, str]) -> bool:
    return all(".shape[" in names.get(symbol, "") for symbol in left.free_symbols)


def _in_names(fact: Boolean, terms: Terms) -> tuple[Boolean, dict[sympy.Symbol, str]] | None:
    """Replace the symbols of a relation by placeholders for names.

    Returns:
        The relation, and the text for each placeholder; None if a symbol has no name.
    """
    names: dict[sympy.Symbol, str] = {}
    replaced: dict[sympy.Basic, sympy.Expr] = {}
    for symbol in fact.free_symbols:
        found = _name_of(symbol, terms)
        if found is None:
            return _in_names_of_terms(fact, terms)
        expression, text, placeholder = found
        names[placeholder] = text
        replaced[symbol] = expression
    return fact.xreplace(replaced), names


def _name_of(symbol: sympy.Symbol, terms: Terms) -> tuple[sympy.Expr, str, sympy.Symbol] | None:
    """Express a symbol by a term that is the symbol, or else by one that is linear in it.

    Returns:
        The expression, in terms of a placeholder; the term's text; the placeholder.
    """
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


def _in_names_of_terms(
    fact: Boolean, terms: Terms
) -> tuple[Boolean, dict[sympy.Symbol, str]] | None:
    """Replace whole terms in a relation, such as the length of a concatenation, u0 + u1."""
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
    """Return a symbol to put in place of a text; equal texts have the same symbol."""
    return sympy.Symbol(f"name_{text.encode().hex()}", integer=True)


def _normalized(
    left: sympy.Expr, operator: str, right: sympy.Expr
) -> tuple[sympy.Expr, str, sympy.Expr]:
    """Divide a relation by common factors, and bring each term to the side where it is positive.

    The constant is brought to the right.
    """
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
    operator, constant = _without_one(operator, constant)
    return plus, operator, minus - constant


def _without_one(operator: str, constant: sympy.Expr) -> tuple[str, sympy.Expr]:
    """Drop a constant of one from a relation of integers: `a >= b + 1` is `a > b`."""
    other = WITHOUT_ONE.get((operator, int(-constant))) if constant.is_integer else None
    return (other, sympy.S.Zero) if other is not None else (operator, constant)


def _text(expression: sympy.Expr, names: Mapping[sympy.Symbol, str]) -> str:
    return _with_names(symbolic_shapes.python(expression), names)


def _with_names(text: str, names: Mapping[sympy.Symbol, str]) -> str:
    """Put names in place of placeholders in Python text, and drop superfluous parentheses."""
    tree = ast.parse(text, mode="eval")
    by_name = {str(symbol): name for symbol, name in names.items()}
    return ast.unparse(_NameReplacer(by_name).visit(tree))


class _NameReplacer(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._names:
            return ast.parse(self._names[node.id], mode="eval").body
        return node
