"""The inputs that `forward` asks for, as expressions."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from export_lsp.fixes.example_inputs.annotations import annotated
from export_lsp.fixes.example_inputs.modules import File, Made
from export_lsp.fixes.example_inputs.shapes import consumed

NUMBERS = {"int": "2", "float": "0.5", "bool": "True", "str": '"mean"'}

# By what a parameter is called, where nothing says more.
TOKENS = ("ids", "token", "label", "index", "indices")
IMAGES = ("image", "img", "pixel", "picture")
MASKS = ("mask",)

# What to try, one after the other, for a tensor of which nothing is known.
UNKNOWN = (
    "torch.randn(2, 8)",
    "torch.randn(2, 5, 8)",
    "torch.randn(2, 3, 32, 32)",
    "torch.randn(8)",
    "torch.randint(0, 8, (2, 5))",
)


@dataclass(frozen=True)
class Input:
    """A parameter of `forward` and texts for it, the likeliest first."""

    name: str
    texts: Sequence[str]
    by_name: bool = False


def inputs(model: Made, file: File) -> list[Input] | None:
    """What `forward` cannot do without; None if something is asked for that is not known."""
    forward = model.method("forward")
    if forward is None or forward.args.vararg is not None:
        return None
    args = [*forward.args.posonlyargs, *forward.args.args][1:]
    needed = args[: len(args) - len(forward.args.defaults)]
    by_name = zip(forward.args.kwonlyargs, forward.args.kw_defaults, strict=True)
    asked = [(arg, False) for arg in needed]
    asked += [(arg, True) for arg, default in by_name if default is None]
    found: list[Input] = []
    sizes: dict[str, int] = {}
    for arg, named in asked:
        texts = _texts(arg, model, file, sizes)
        if not texts:
            return None
        found.append(Input(arg.arg, texts, named))
    return found


def _texts(arg: ast.arg, model: Made, file: File, sizes: dict[str, int]) -> Sequence[str]:
    annotation = ast.unparse(arg.annotation) if arg.annotation is not None else ""
    if annotation in NUMBERS:
        return (NUMBERS[annotation],)
    said = annotated(arg.annotation, model.values, sizes)
    if said is not None:
        return (said,)
    if annotation and not annotation.endswith("Tensor"):
        return ()
    shape = consumed(model, arg.arg, file)
    if shape:
        return shape
    if annotation.endswith("LongTensor") or any(part in arg.arg for part in TOKENS):
        return ("torch.randint(0, 8, (2, 5))", "torch.randint(0, 2, (2,))")
    if any(part in arg.arg for part in MASKS):
        return ("torch.ones(2, 5)", "torch.ones(2, 5, dtype=torch.bool)", "torch.ones(2, 8)")
    if any(part in arg.arg for part in IMAGES):
        return ("torch.randn(2, 3, 32, 32)", "torch.randn(2, 1, 28, 28)")
    return UNKNOWN
