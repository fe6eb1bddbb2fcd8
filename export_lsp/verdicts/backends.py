"""The share of a program that each backend takes, as a phrase."""

from __future__ import annotations

from collections.abc import Sequence

from export_lsp.protocol import BackendFact


def backends_phrase(facts: Sequence[BackendFact]) -> str:
    """Return the operators that backends take: "onnx 57/57 · executorch-xnnpack 41 of 57"."""
    return " · ".join(map(_share, facts))


def _share(fact: BackendFact) -> str:
    if fact.taken == fact.operators:
        return f"{fact.backend} {fact.taken}/{fact.operators}"
    share = f", {100 * fact.flops:.0f} % of FLOPs" if fact.flops is not None else ""
    return f"{fact.backend} {fact.taken} of {fact.operators}{share}"


def backend_sentence(fact: BackendFact) -> str:
    """Return what is known of a program converted for a backend."""
    package = f" ({fact.package})" if fact.package else ""
    if not fact.converted:
        return f"{_share(fact)} operators, not converted{package}"
    results = "results as in eager mode" if fact.agrees else "results not compared"
    return f"{_share(fact)} operators, converted{package}, {results}"
