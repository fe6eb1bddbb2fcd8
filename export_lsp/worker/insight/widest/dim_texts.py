"""Dims as expressions: for the sizes that an export with ``Dim.AUTO`` has found to vary."""

from __future__ import annotations

import keyword
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy

from export_lsp.worker.insight.accepted_sizes import AcceptedSizes, LateError
from export_lsp.worker.insight.size_names import SizeNames
from export_lsp.worker.insight.widest.every_size import SMALLEST_DYNAMIC
from export_lsp.worker.private.size_rules import SizeRules
from export_lsp.worker.targets.input_paths import Path
from export_lsp.worker.targets.shape_entry import ShapeEntry

BATCH = "batch"


@dataclass(frozen=True)
class Varying:
    """A dimension that varies: its entry, and its size in the symbols of the program."""

    entry: ShapeEntry
    size: Any


@dataclass(frozen=True)
class Known:
    """The facts about the symbols of a program: smallest, largest, and what all are multiples of.

    `coupled` are those whose sizes depend on others.
    """

    facts: Mapping[str, tuple[int, int | None, int] | None]
    coupled: frozenset[str]

    @classmethod
    def of(cls, rules: SizeRules) -> Known:
        """Return the facts; none if finding them takes too long."""
        try:
            accepted = AcceptedSizes(rules)
            coupled = {name for each in accepted.told() for name in each.symbols}
            return cls({name: accepted.fact(name) for name in rules.symbols}, frozenset(coupled))
        except LateError:
            return cls({}, frozenset())

    def varies(self, size: Any) -> bool:
        """Return whether a size may have more than one value."""
        facts = [self.facts.get(str(symbol)) for symbol in size.free_symbols]
        return any(fact is None or fact[0] != fact[1] for fact in facts)


def named_dims(
    varying: Sequence[Varying], rules: SizeRules, known: Known, names: SizeNames, dim: str
) -> dict[Path, dict[int, str]]:
    """Return the text of the Dim for each dimension.

    Sizes whose conditions no named Dim can state are left to export, with ``Dim.AUTO``.

    Args:
        varying: The dimensions.
        rules: The rules of the program.
        known: The facts about its symbols.
        names: The user's names of the sizes.
        dim: The name that the file has for ``torch.export.Dim``.
    """
    roots = _roots(varying, rules, known, names, dim)
    return _by_input((each, _expression(each.size, roots) or f"{dim}.AUTO") for each in varying)


def automatic_dims(varying: Sequence[Varying], dim: str) -> dict[Path, dict[int, str]]:
    """Return ``Dim.AUTO`` for each dimension."""
    return _by_input((each, f"{dim}.AUTO") for each in varying)


def _by_input(texts: Any) -> dict[Path, dict[int, str]]:
    found: dict[Path, dict[int, str]] = {}
    for each, text in texts:
        found.setdefault(each.entry.path, {})[each.entry.axis] = text
    return found


def _roots(
    varying: Sequence[Varying], rules: SizeRules, known: Known, names: SizeNames, dim: str
) -> Mapping[Any, str]:
    """Return the text for each symbol that a named Dim can stand for."""
    roots: dict[Any, str] = {}
    chosen: set[str] = set()
    for name, symbol in rules.symbols.items():
        fact = known.facts.get(name)
        used = any(symbol in each.size.free_symbols for each in varying)
        if used and name not in known.coupled and fact is not None:
            label = _unique(_label(symbol, varying, names), chosen)
            chosen.add(label)
            roots[symbol] = _text(label, *fact, dim)
    return roots


def _text(label: str, least: int, most: int | None, step: int, dim: str) -> str:
    """Return a Dim for the multiples of a number in a range."""
    least, last = -(-least // step), most // step if most is not None else None
    arguments = [f'"{label}"' if step == 1 else f'"_{label}"']
    # Named Dims begin there anyway, and their programs accept less where the code does.
    arguments += [f"min={least}"] if least > SMALLEST_DYNAMIC else []
    arguments += [f"max={last}"] if last is not None else []
    text = f"{dim}({', '.join(arguments)})"
    return text if step == 1 else f"{step} * {text}"


def _label(symbol: Any, varying: Sequence[Varying], names: SizeNames) -> str:
    """Return a name for a size: the user's own variable, "batch", or the input's and the axis."""
    own = names.text_of(symbol)
    if len(own) > 1 and own.isidentifier() and not keyword.iskeyword(own):
        return own
    users = [each.entry for each in varying if symbol in each.size.free_symbols]
    if all(entry.axis == 0 for entry in users) and _is_batch(symbol, varying):
        return BATCH
    first = users[0]
    steps = [str(step) for step in first.path if str(step).isidentifier() or isinstance(step, int)]
    return "_".join([*steps, f"dim{first.axis}"])


def _is_batch(symbol: Any, varying: Sequence[Varying]) -> bool:
    """Return whether no other input has a first dimension that varies by itself."""
    return all(each.size == symbol for each in varying if each.entry.axis == 0)


def _unique(label: str, taken: set[str]) -> str:
    number = 2
    found = label
    while found in taken:
        found = f"{label}_{number}"
        number += 1
    return found


def _expression(size: Any, roots: Mapping[Any, str]) -> str | None:
    """Return a size as a Dim or as one derived from a Dim; None for any other expression.

    A derived Dim is a multiple of another, plus a number (``torch.export.Dim``).
    """
    symbols = list(size.free_symbols)
    if len(symbols) != 1 or symbols[0] not in roots:
        return None
    [symbol], root = symbols, roots[symbols[0]]
    if size == symbol:
        return root
    factor, offset = size.coeff(symbol, 1), size.coeff(symbol, 0)
    if not (factor.is_Integer and offset.is_Integer and factor > 0):
        return None
    if sympy.expand(size - factor * symbol - offset) != 0:
        return None
    scaled = root if factor == 1 else f"{factor} * {root}"
    sign = "+" if offset > 0 else "-"
    return scaled if offset == 0 else f"{scaled} {sign} {abs(offset)}"
