"""Example inputs of types that torch.export does not take."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

from export_lsp.protocol import Finding, Location, Remedy
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.remedies import registrations
from export_lsp.worker.stages.inputs.finding import invalid_input
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.targets.input_paths import Path
from export_lsp.worker.text.sentences import Words, article

NO_KEYS = re.compile(r"Did not find a flatten_with_keys_fn for type: (<class '.*?'>)")
UNKNOWN_KEY = re.compile(r"Unknown KeyEntry|Pytree key of type")
INPUT_TYPE = re.compile(r"type `?(<class '.*?'>)`?")


def unsupported_type(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain an input that is neither a tensor, a plain value nor a registered pytree."""
    match = INPUT_TYPE.search(failure.text)
    if match is None or not ("nput" in failure.text or "writing the metadata" in failure.text):
        return None
    for path, value in leaves(declaration.arguments()):
        if str(type(value)) == match[1]:
            place = declaration.example_location(path)
            remedies = _accepted(failure, place, value)
            return invalid_input(failure, place, _type_words(value), remedies)
    return None


def part_names(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain a registered pytree whose parts have no names, or names that torch does not know."""
    match = NO_KEYS.search(failure.text)
    if match is None and UNKNOWN_KEY.search(failure.text) is None:
        return None
    for path, value in leaves(declaration.arguments()):
        name = type(value).__name__
        if match is not None and str(type(value)) == match[1]:
            words = Words(
                f"`{name}` without names for its parts",
                f"`{name}` is registered as a pytree without names for its parts.",
                "Give its registration a `flatten_with_keys_fn`.",
            )
        elif match is None and type(value).__module__ == type(declaration.built.model).__module__:
            words = Words(
                f"`{name}` with unknown names of parts",
                f"The `flatten_with_keys_fn` of `{name}` names its parts in a way that torch.export"
                " does not know.",
                "Use `torch.utils._pytree.GetAttrKey` or `torch.utils._pytree.MappingKey`.",
            )
        else:
            continue
        return invalid_input(failure, declaration.example_location(path), words)
    return None


def quantized(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain a quantised tensor."""
    if "quantized nyi" not in failure.text:
        return None
    for path, value in leaves(declaration.arguments()):
        if getattr(value, "is_quantized", False):
            return invalid_input(
                failure,
                declaration.example_location(path),
                Words(
                    "Quantised tensor as an input",
                    "torch.export does not take quantised tensors as inputs.",
                    "Pass the integers of `.int_repr()` and dequantise them in `forward`.",
                ),
            )
    return None


def _type_words(value: Any) -> Words:
    name = type(value).__name__
    label = f"`{name}` as an input"
    unregistered = (
        f"torch.export cannot look into {article(name)} `{name}`, which is not a registered pytree"
        " type."
    )
    if hasattr(value, "__dataclass_fields__"):
        advice = f"Register it with `torch.export.register_dataclass({name})`."
        return Words(label, unregistered, advice)
    if callable(value) or not hasattr(value, "__dict__"):
        advice = (
            "Pass `torch.from_numpy(…)` instead."
            if name == "ndarray"
            else "Keep it on the model, or pass what it stands for as tensors, numbers and strings."
        )
        if inspect.isroutine(value):
            return Words("Function as an input", "torch.export does not take functions.", advice)
        why = f"torch.export does not take {article(name)} `{name}` as an input."
        return Words(label, why, advice)
    advice = "Register it with `torch.utils._pytree.register_pytree_node` or pass its tensors."
    return Words(label, unregistered, advice)


def _accepted(failure: Failure, place: Location, value: Any) -> Iterator[Remedy]:
    """The input as something that torch.export takes."""
    name = type(value).__name__
    if name == "ndarray":
        yield Remedy("replace", place, f"torch.from_numpy({failure.excerpt(place)})")
    yield from registrations.register_class(name, failure.workspace)


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield the parts of nested dicts, lists and tuples, each with its path from `value`.

    Other pytrees are leaves, registered or not.
    """
    if type(value) is dict:
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif type(value) in (list, tuple):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    else:
        yield path, value
