"""`inputs`: example inputs that export does not accept, and its dynamic_shapes (`spec`).

What raises it is ``_process_export_inputs`` and ``_combine_args`` of torch; the finding is at the
literal in the declaration.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from export_lsp.protocol import Finding, Location, Remedy
from export_lsp.worker.places.failure import Failure, reason
from export_lsp.worker.remedies import registrations
from export_lsp.worker.remedies.example_inputs import (
    rename_keyword,
    unused_parameters,
    wrap_in_tuple,
)
from export_lsp.worker.stages.inputs import spec
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.targets.input_paths import Path
from export_lsp.worker.text.sentences import article

ARGUMENT = re.compile(r"argument:? '(\w+)'")
NO_KEYS = re.compile(r"Did not find a flatten_with_keys_fn for type: (<class '.*?'>)")
UNKNOWN_KEY = re.compile(r"Unknown KeyEntry|Pytree key of type")
INPUT_TYPE = re.compile(r"type `?(<class '.*?'>)`?")


def explain(failure: Failure, declaration: Declaration) -> Finding | None:
    """The finding for inputs or a spec that do not fit; None if it is something else."""
    for explainer in EXPLAINERS:
        finding = explainer(failure, declaration)
        if finding is not None:
            return finding
    return None


def _invalid_input(
    failure: Failure, location: Location, message: str, remedies: Iterable[Remedy] = ()
) -> Finding:
    return failure.finding("invalid-input", message, location=location, remedies=tuple(remedies))


def _model_kind(failure: Failure, declaration: Declaration) -> Finding | None:
    if "Exporting a ScriptModule" not in failure.text and "`mod` to be an instance" not in (
        failure.text
    ):
        return None
    kind = type(declaration.built.model).__name__
    return _invalid_input(
        failure,
        declaration.target.places.model,
        f"This is a `{kind}`, which torch.export does not take; pass the original `nn.Module`",
    )


def _preserved(failure: Failure, declaration: Declaration) -> Finding | None:
    """A name for ``preserve_module_call_signature`` that no submodule has."""
    names = declaration.built.preserved
    if not isinstance(failure.error, AttributeError) or failure.frames or not names:
        return None
    known = [name for name, _ in declaration.built.model.named_modules() if name]
    if isinstance(names, str):
        told = f"This is a string, not a tuple of submodules' names; write `({names!r},)`"
        place = declaration.target.places.preserved or declaration.target.places.declaration
        instead = Remedy("replace", place, f"({failure.excerpt(place)},)")
        return _invalid_input(failure, place, told, [instead])
    unknown = next((name for name in names if name not in known), None)
    if unknown is None:
        return None
    told = f"The model has no submodule `{unknown}`"
    if known:
        told += f"; names are written from the model on, e.g. `{known[-1]}`"
    place = declaration.target.places.preserved or declaration.target.places.declaration
    return _invalid_input(failure, place, told)


def _args_kind(failure: Failure, declaration: Declaration) -> Finding | None:
    args = declaration.built.args
    if isinstance(args, tuple):
        return None
    kind, place = type(args).__name__, declaration.target.places.args
    several = isinstance(args, list) and len(args) != 1
    return _invalid_input(
        failure,
        place,
        f"The example inputs have to be a tuple, and this is {article(kind)} `{kind}`; write"
        + (" `(…)` for `[…]`" if several else " `(x,)` for a single input `x`"),
        wrap_in_tuple(failure.source(place), place),
    )


def _kwargs_kind(failure: Failure, declaration: Declaration) -> Finding | None:
    kwargs = declaration.built.kwargs
    if kwargs is None or isinstance(kwargs, dict):
        return None
    kind, place = type(kwargs).__name__, declaration.target.places.kwargs
    return _invalid_input(
        failure,
        place,
        f"The example's keyword inputs have to be a dict, and this is {article(kind)} `{kind}`",
        [Remedy("replace", place, f"dict({failure.excerpt(place)})")],
    )


def _signature(failure: Failure, declaration: Declaration) -> Finding | None:
    """Inputs that `inspect.Signature.bind` refuses."""
    if not isinstance(failure.error, TypeError) or declaration.arguments():
        return None
    places, text = declaration.target.places, failure.text
    forward = f"`{type(declaration.built.model).__name__}.forward`"
    names = ARGUMENT.findall(text)
    name = names[0] if names else ""
    by_name = declaration.key_location(places.kwargs, name) if name else places.kwargs
    if "unexpected keyword" in text:
        message = f"{forward} has no parameter `{name}`; remove it or correct its name"
        free = unused_parameters(declaration.built.model, declaration.built.kwargs or ())
        likely = rename_keyword(failure.source(by_name), by_name, name, free)
        return _invalid_input(failure, by_name, message, likely)
    if "multiple values" in text:
        message = f"{forward} gets `{name}` twice, by position and by name; give it once"
        return _invalid_input(failure, by_name, message)
    if "missing" in text and name:
        message = f"{forward} also needs `{name}`, which the example inputs lack; add it"
    elif "too many positional" in text:
        message = f"{forward} takes fewer positional inputs than the example has; remove the rest"
    else:
        message = f"The example inputs do not fit {forward}: {text}; give exactly its parameters"
    return _invalid_input(failure, places.args, message)


def _input_type(failure: Failure, declaration: Declaration) -> Finding | None:
    match = INPUT_TYPE.search(failure.text)
    if match is None or not ("nput" in failure.text or "writing the metadata" in failure.text):
        return None
    for path, value in _leaves(declaration.arguments()):
        if str(type(value)) == match[1]:
            place = declaration.example_location(path)
            return _invalid_input(failure, place, _not_taken(value), _taken(failure, place, value))
    return None


def _taken(failure: Failure, place: Location, value: Any) -> Iterator[Remedy]:
    name = type(value).__name__
    if name == "ndarray":
        yield Remedy("replace", place, f"torch.from_numpy({failure.excerpt(place)})")
    yield from registrations.register_class(name, failure.workspace)


def _not_taken(value: Any) -> str:
    name = type(value).__name__
    unregistered = (
        f"torch.export cannot look into {article(name)} `{name}`, which is not a registered pytree"
        " type; register it with"
    )
    if hasattr(value, "__dataclass_fields__"):
        return f"{unregistered} `torch.export.register_dataclass({name})`"
    if callable(value) or not hasattr(value, "__dict__"):
        advice = (
            "pass `torch.from_numpy(…)` instead"
            if name == "ndarray"
            else "keep it on the model, or pass what it stands for as tensors, numbers and strings"
        )
        return f"torch.export does not take {article(name)} `{name}` as an input; {advice}"
    return f"{unregistered} `torch.utils._pytree.register_pytree_node` or pass its tensors"


def _part_names(failure: Failure, declaration: Declaration) -> Finding | None:
    """Registered pytrees whose parts have no names, or names that torch does not know."""
    match = NO_KEYS.search(failure.text)
    if match is None and UNKNOWN_KEY.search(failure.text) is None:
        return None
    for path, value in _leaves(declaration.arguments()):
        name = type(value).__name__
        if match is not None and str(type(value)) == match[1]:
            message = (
                f"`{name}` is registered as a pytree without names for its parts; give its"
                " registration a `flatten_with_keys_fn`"
            )
        elif match is None and type(value).__module__ == type(declaration.built.model).__module__:
            message = (
                f"The `flatten_with_keys_fn` of `{name}` names its parts in a way that torch.export"
                " does not know; use `torch.utils._pytree.GetAttrKey` or `MappingKey`"
            )
        else:
            continue
        return _invalid_input(failure, declaration.example_location(path), message)
    return None


def _quantized(failure: Failure, declaration: Declaration) -> Finding | None:
    if "quantized nyi" not in failure.text:
        return None
    for path, value in _leaves(declaration.arguments()):
        if getattr(value, "is_quantized", False):
            return _invalid_input(
                failure,
                declaration.example_location(path),
                "torch.export does not take quantised tensors as inputs; pass the integers of"
                " `.int_repr()` and dequantise them in `forward`",
            )
    return None


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if type(value) is dict:
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif type(value) in (list, tuple):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path, value


def _rest(failure: Failure, declaration: Declaration) -> Finding | None:
    # One check of torch 2.6 is for inputs and outputs alike.
    if failure.stage != "inputs" or failure.frames or "one of the outputs" in failure.text:
        return None
    return _invalid_input(
        failure,
        declaration.target.places.args,
        f"torch.export does not accept these inputs: {reason(failure.error)}",
    )


EXPLAINERS: tuple[Callable[[Failure, Declaration], Finding | None], ...] = (
    _model_kind,
    _preserved,
    _args_kind,
    _kwargs_kind,
    _signature,
    *spec.KNOWN,
    _quantized,
    _part_names,
    _input_type,
    *spec.REST,
    _rest,
)
