"""The cost of models and modules, as phrases."""

from __future__ import annotations

from export_lsp.protocol import ClassCost, Cost, Flops

# Prefixes of numbers, each for a thousand times as much as the one before.
_PREFIXES = ("", "k", "M", "G", "T", "P", "E")


def number_phrase(number: int, unit: str = "") -> str:
    """Return a number in three digits: "124 M", "3.1 TFLOP", "84"."""
    value, index = float(number), 0
    # 999.6 k is 1 M.
    while round(value) >= 1000 and index + 1 < len(_PREFIXES):
        value, index = value / 1000, index + 1
    text = str(number) if index == 0 else f"{value:.3g}"
    suffix = f"{_PREFIXES[index]}{unit}"
    return f"{text} {suffix}" if suffix else text


def parameters_phrase(cost: Cost) -> str:
    """Return the number of parameters: "124 M parameters"; "" for none."""
    if cost.parameters == 0:
        return ""
    noun = "parameter" if cost.parameters == 1 else "parameters"
    return f"{number_phrase(cost.parameters)} {noun}"


def flops_phrase(flops: Flops | None) -> str:
    """Return the number of operations: "3.1 TFLOP at most"; "" if there are none, or unknown."""
    if flops is None:
        return ""
    number = flops.most if flops.most is not None else flops.example
    if not number:
        return ""
    least = "" if flops.complete else "≥ "
    fixed = flops.most == flops.example
    where = "" if fixed else " at most" if flops.most is not None else " for the example"
    return f"{least}{number_phrase(number, 'FLOP')}{where}"


def formula_phrase(flops: Flops | None) -> str:
    """Return the operations in terms of sizes of the inputs; "" if they depend on none."""
    if flops is None or flops.formula in ("", "0") or flops.formula.isdecimal():
        return ""
    return f"{'' if flops.complete else '≥ '}{flops.formula}"


def cost_phrase(cost: Cost | None) -> str:
    """Return a cost: "124 M parameters · 3.1 TFLOP at most"; "" if there is nothing to say."""
    if cost is None:
        return ""
    return " · ".join(filter(None, (parameters_phrase(cost), flops_phrase(cost.flops))))


def class_phrase(found: ClassCost) -> str:
    """Return the cost of a class: "×12 · 85 M parameters (68 %), 340 MB · 2 TFLOP (71 %)"."""
    times = f"×{found.modules}" if found.modules > 1 else ""
    parameters = parameters_phrase(found.cost)
    if parameters:
        size = number_phrase(found.cost.bytes, "B")
        parameters = f"{parameters}{_share(found.parameter_share)}, {size}"
    flops = flops_phrase(found.cost.flops)
    if flops:
        flops = f"{flops}{_share(found.flop_share)}"
    return " · ".join(filter(None, (times, parameters, flops)))


def _share(share: float) -> str:
    """Return a share in percent, "" for all."""
    return f" ({100 * share:.0f} %)" if 0 < share < 1 else ""
