"""The sizes of dimensions that have names."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from export_lsp.fixes.example_inputs.static_values import Values

BATCH = 2
# The sizes of named dimensions of which nothing is known, in turn.
OTHERS = (5, 4, 6, 8, 3, 7)

# Names by their meaning; the sizes are those of a dimension that the model does not fix.
_FREE = {
    **dict.fromkeys(("b", "n", "bs", "bsz", "batch", "batch_size", "batchsize"), BATCH),
    **dict.fromkeys(("h", "w", "height", "width", "img_h", "img_w"), 32),
}
# Parameters of constructors that are likely to be the size of a dimension with a short name.
_OF_CHANNELS = ("in_channels", "channels", "in_ch", "in_chans", "n_channels", "input_channels")
_OF_FEATURES = (
    *("dim", "d_model", "embed_dim", "hidden_size", "hidden_dim", "hidden", "in_features"),
    *("input_dim", "in_dim", "input_size", "n_embd", "features"),
)
_LIKELY = {
    **dict.fromkeys(("c", "ch", "cin", "channels"), _OF_CHANNELS),
    **dict.fromkeys(("d", "e", "f", "dim", "features", "embed", "hidden", "input"), _OF_FEATURES),
}


def written_shape(
    dimensions: Sequence[str], values: Values, accepted: Sequence[str], sizes: dict[str, int]
) -> str | None:
    """Return an expression for a tensor with these dimensions; None if there are stars among them.

    Args:
        dimensions: Names and sizes, in order.
        values: The values of the constructor's names.
        accepted: Expressions for tensors that the model's layers accept, which tell the sizes that
            the names do not.
        sizes: The sizes that names have so far; new ones are added.
    """
    if not all(each.isidentifier() or each.isdigit() for each in dimensions):
        return None
    alike = [each for each in map(_shape, accepted) if each and len(each) == len(dimensions)]
    kind = accepted[0].partition("(")[0] if accepted else "torch.randn"
    shape = []
    for position, name in enumerate(dimensions):
        known = alike[0][position] if alike else None
        shape.append(_size(name, values, known, sizes))
    text = ", ".join(map(str, shape))
    if kind == "torch.randint":
        high = accepted[0].partition("(")[2].split("(")[0].rstrip(", ")
        return f"torch.randint({high}, ({text}{',' if len(shape) == 1 else ''}))"
    return f"torch.randn({text})"


def _size(name: str, values: Values, accepted: int | None, sizes: dict[str, int]) -> int:
    if name.isdigit():
        return int(name)
    if name not in sizes:
        lower = name.lower()
        candidates = (lower, f"self.{lower}", *_LIKELY.get(lower, ()))
        known = (values.get(each) for each in candidates)
        own = next((value for value in known if isinstance(value, int)), None)
        free = 3 if _LIKELY.get(lower) == _OF_CHANNELS else OTHERS[len(sizes) % len(OTHERS)]
        sizes[name] = _FREE.get(lower) or own or accepted or free
    return sizes[name]


def _shape(expression: str) -> tuple[int, ...]:
    """Return the sizes in ``torch.randn(…)`` or ``torch.randint(0, …, (…))``."""
    call = ast.parse(expression, mode="eval").body
    args = call.args if isinstance(call, ast.Call) else []
    if args and isinstance(args[-1], ast.Tuple):
        args = args[-1].elts
    return tuple(a.value for a in args if isinstance(a, ast.Constant) and type(a.value) is int)
