"""The values of a trace as text for the user."""

from __future__ import annotations

from collections.abc import Iterator

from export_lsp.protocol import Value
from export_lsp.server.joined import JoinedCosts
from export_lsp.verdicts.operators import operators_in, operators_phrase


def calls_text(value: Value) -> str:
    """Return how often a place had a value, " ×3"; "" for once."""
    return f" ×{value.calls}" if value.calls > 1 else ""


def plain(value: Value, costs: JoinedCosts) -> str:
    """Return all that is known about a value: its type and calls, then its operators."""
    return "\n".join(_lines(value, costs))


def _lines(value: Value, costs: JoinedCosts) -> Iterator[str]:
    name = f"{value.name}: " if value.name else ""
    calls = [f"{value.calls} calls"] if value.calls > 1 else []
    paths = [" … ".join(value.modules)] if any(value.modules) else []
    where = f"  {', '.join([*calls, *paths])}" if calls or paths else ""
    yield f"{name}{value.text}  {value.device}{where}"
    operators = operators_in(value.statement, costs.operators)
    if operators is not None:
        yield operators_phrase(operators)
