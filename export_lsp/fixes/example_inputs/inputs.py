"""Expressions for the inputs that `forward` requires."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

from export_lsp.fixes.example_inputs.annotations import annotated_tensor
from export_lsp.fixes.example_inputs.dimensions import written_shape
from export_lsp.fixes.example_inputs.layers import accepted_tensors
from export_lsp.fixes.example_inputs.model_classes import Instance, ModelFile
from export_lsp.fixes.example_inputs.shape_texts import documented

BY_ANNOTATION = {"int": "2", "float": "0.5", "bool": "True", "str": '"mean"'}

# By parts of a parameter's name, where nothing else tells; the expressions in the order to try.
TOKENS = ("ids", "token", "label", "index", "indices")
OF_TOKENS = ("torch.randint(0, 8, (2, 5))", "torch.randint(0, 2, (2,))")
MASKS = ("mask",)
OF_MASKS = ("torch.ones(2, 5)", "torch.ones(2, 5, dtype=torch.bool)", "torch.ones(2, 8)")
IMAGES = ("image", "img", "pixel", "picture")
OF_IMAGES = ("torch.randn(2, 3, 32, 32)", "torch.randn(2, 1, 28, 28)")
LENGTHS = ("length", "lens", "sizes")
OF_LENGTHS = ("torch.tensor([5, 3])", "torch.tensor([16, 9])")
STEPS = ("timestep",)
OF_STEPS = ("torch.randint(0, 10, (2,))",)
BY_NAME = (
    (TOKENS, OF_TOKENS),
    (MASKS, OF_MASKS),
    (IMAGES, OF_IMAGES),
    (LENGTHS, OF_LENGTHS),
    (STEPS, OF_STEPS),
)

# For a tensor of which nothing is known.
UNKNOWN = (
    "torch.randn(2, 8)",
    "torch.randn(2, 5, 8)",
    "torch.randn(2, 3, 32, 32)",
    "torch.randn(8)",
    "torch.randint(0, 8, (2, 5))",
)


@dataclass(frozen=True)
class Input:
    """A parameter of `forward`, and expressions for it, the likeliest first.

    `by_keyword` is set if it can only be passed as a keyword argument.
    """

    name: str
    expressions: Sequence[str]
    by_keyword: bool = False


def required_inputs(model: Instance, file: ModelFile) -> list[Input] | None:
    """Return the parameters of `forward` that have no default.

    None if there is no `forward`, or one of them has a type for which there is no guess.
    """
    forward = model.method("forward")
    if forward is None or forward.args.vararg is not None:
        return None
    args = [*forward.args.posonlyargs, *forward.args.args][1:]
    positional = args[: len(args) - len(forward.args.defaults)]
    keywords = zip(forward.args.kwonlyargs, forward.args.kw_defaults, strict=True)
    required = [(arg, False) for arg in positional]
    required += [(arg, True) for arg, default in keywords if default is None]
    found: list[Input] = []
    sizes: dict[str, int] = {}
    for arg, by_keyword in required:
        expressions = _expressions(arg, model, file, sizes)
        if not expressions:
            return None
        found.append(Input(arg.arg, expressions, by_keyword))
    return found


def _expressions(
    arg: ast.arg, model: Instance, file: ModelFile, sizes: dict[str, int]
) -> Sequence[str]:
    annotation = ast.unparse(arg.annotation) if arg.annotation is not None else ""
    if annotation in BY_ANNOTATION:
        return (BY_ANNOTATION[annotation],)
    annotated = annotated_tensor(arg.annotation, model.values, sizes)
    if annotated is not None:
        return (annotated,)
    if annotation and not annotation.endswith("Tensor"):
        return ()
    accepted: Sequence[str] = accepted_tensors(model, arg.arg, file)
    if not accepted and annotation.endswith("LongTensor"):
        accepted = OF_TOKENS
    if not accepted:
        by_name = (texts for parts, texts in BY_NAME if any(part in arg.arg for part in parts))
        accepted = next(by_name, ())
    forward = model.method("forward")
    written = documented(model.node, forward, arg.arg, file.text) if forward is not None else []
    shaped = written_shape(written, model.values, accepted, sizes) if written else None
    if shaped is not None:
        return (shaped, *(each for each in accepted if each != shaped))
    return accepted or UNKNOWN
