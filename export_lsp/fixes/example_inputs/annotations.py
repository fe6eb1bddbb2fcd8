"""Shapes from jaxtyping's annotations, such as ``Float[Tensor, "batch 3 width"]``."""

from __future__ import annotations

import ast

from export_lsp.fixes.example_inputs.dimensions import BATCH, OTHERS
from export_lsp.fixes.example_inputs.static_values import Values

INTEGERS = ("Int", "UInt", "Integer")


def annotated_tensor(
    annotation: ast.expr | None, values: Values, sizes: dict[str, int]
) -> str | None:
    """Return an expression for a tensor as annotated; None if the annotation has no shape.

    `sizes` are those chosen for the names of dimensions so far; new ones are added.
    """
    if not isinstance(annotation, ast.Subscript) or not isinstance(annotation.slice, ast.Tuple):
        return None
    dims = annotation.slice.elts[-1]
    if not isinstance(dims, ast.Constant) or not isinstance(dims.value, str):
        return None
    shape = []
    for name in dims.value.split():
        size = _size(name, values, sizes)
        if size is None and name != "...":
            return None
        if size is not None:
            shape.append(size)
    return _tensor(ast.unparse(annotation.value).rpartition(".")[2], shape)


def _size(name: str, values: Values, sizes: dict[str, int]) -> int | None:
    """Return the size of a dimension: a number, a value of the constructor, or a new choice."""
    name = name.lstrip("*#").partition("=")[2] or name.lstrip("*#")
    if name.isdigit():
        return int(name)
    if not name.isidentifier():
        return None
    if name not in sizes:
        known = values.get(name, values.get(f"self.{name}"))
        free = BATCH if "batch" in name or name == "b" else OTHERS[len(sizes) % len(OTHERS)]
        sizes[name] = known if isinstance(known, int) else free
    return sizes[name]


def _tensor(dtype: str, shape: list[int]) -> str:
    sizes = ", ".join(map(str, shape)) or "()"
    if dtype.startswith(INTEGERS):
        return f"torch.randint(0, 4, ({sizes}{',' if len(shape) == 1 else ''}))"
    if dtype.startswith("Bool"):
        return f"torch.ones({sizes}, dtype=torch.bool)"
    return f"torch.randn({sizes})"
