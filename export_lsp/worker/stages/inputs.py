"""`inputs`: example inputs and dynamic_shapes that export does not accept.

What raises it is ``_process_export_inputs``, ``_combine_args``, ``_check_dynamic_shapes`` and
``_process_dynamic_shapes`` of torch; the finding is at the literal in the declaration.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from export_lsp.protocol import Finding, Location
from export_lsp.worker.failure import Failure, reason
from export_lsp.worker.targets import Target

if TYPE_CHECKING:
    from export_lsp.worker.declaration import Declaration, Path

SPEC_PATH = re.compile(r"`(?:dynamic_shapes|inputs)((?:\[[^\]]*\])*)`")
SPEC_INDEX = re.compile(r"mapped to index (\d+)")
ARG_NAMES = re.compile(r"must be the arg names (\[.*?\]) of `inputs`, but here they are (\[.*?\])")
ARGUMENT = re.compile(r"argument:? '(\w+)'")
INPUT_TYPE = re.compile(r"type `?(<class '.*?'>)`?")
DEFINITIONS = re.compile(r"different definitions (.*?) and (.*?) for the same symbolic")
STATIC = re.compile(
    r"Static shape constraint of (\d+) does not match input size of (\d+), for (.*)"
)
NOT_IN_RANGE = re.compile(r"(\d+) not in range \[(.*?), (.*?)\]")


def explain(failure: Failure, declaration: Declaration) -> Finding | None:
    """The finding for inputs or a spec that do not fit; None if it is something else."""
    for explainer in EXPLAINERS:
        finding = explainer(failure, declaration)
        if finding is not None:
            return finding
    return None


def _invalid_input(failure: Failure, location: Location, message: str) -> Finding:
    return failure.finding("invalid-input", message, location=location)


def _invalid_shapes(failure: Failure, location: Location, message: str) -> Finding:
    return failure.finding("invalid-dynamic-shapes", message, location=location)


# --- example inputs ------------------------------------------------------------------------


def _model_kind(failure: Failure, declaration: Declaration) -> Finding | None:
    if "Exporting a ScriptModule" not in failure.text and "`mod` to be an instance" not in (
        failure.text
    ):
        return None
    kind = type(declaration.built.model).__name__
    return _invalid_input(
        failure,
        declaration.target.places.model,
        f"This is a `{kind}`, which torch.export does not take; give it the `nn.Module` itself",
    )


def _args_kind(failure: Failure, declaration: Declaration) -> Finding | None:
    args = declaration.built.args
    if isinstance(args, tuple):
        return None
    return _invalid_input(
        failure,
        declaration.target.places.args,
        f"The example inputs have to be a tuple, and this is a `{type(args).__name__}`; write"
        + (" `(x,)` for a single input `x`" if not isinstance(args, list) else " `(…)` for `[…]`"),
    )


def _signature(failure: Failure, declaration: Declaration) -> Finding | None:
    """Inputs that `inspect.Signature.bind` refuses."""
    if not isinstance(failure.error, TypeError) or declaration.arguments():
        return None
    places, text = declaration.target.places, failure.text
    names = ARGUMENT.findall(text)
    model = type(declaration.built.model).__name__
    if "unexpected keyword" in text or "multiple values" in text:
        location = declaration.key(places.kwargs, names[0]) if names else places.kwargs
    else:
        location = places.args
    return _invalid_input(
        failure,
        location,
        f"The example inputs do not fit `{model}.forward`: {text}; give exactly its parameters",
    )


def _input_type(failure: Failure, declaration: Declaration) -> Finding | None:
    match = INPUT_TYPE.search(failure.text)
    if match is None or "nput" not in failure.text:
        return None
    for path, value in _leaves(declaration.arguments()):
        if str(type(value)) == match[1]:
            name = type(value).__name__
            return _invalid_input(
                failure,
                declaration.example(path),
                f"torch.export cannot look into a `{name}`, since it is no registered pytree;"
                f" {_registration(value)}",
            )
    return None


def _registration(value: Any) -> str:
    name = type(value).__name__
    if name == "ndarray":
        return "pass `torch.from_numpy(…)` instead"
    if hasattr(value, "__dataclass_fields__"):
        return f"register it with `torch.export.register_dataclass({name})`"
    return "register it with `torch.utils._pytree.register_pytree_node` or pass its tensors"


def _leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if type(value) is dict:
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    elif type(value) in (list, tuple):
        for index, item in enumerate(value):
            yield from _leaves(item, (*path, index))
    else:
        yield path, value


# --- dynamic_shapes ------------------------------------------------------------------------


def _argument_names(failure: Failure, declaration: Declaration) -> Finding | None:
    match = ARG_NAMES.search(failure.text)
    if match is None:
        return None
    place = declaration.target.places.dynamic_shapes
    expected, given = ast.literal_eval(match[1]), ast.literal_eval(match[2])
    unknown = [name for name in given if name not in expected]
    if unknown:
        return _invalid_shapes(
            failure,
            declaration.key(place, str(unknown[0])),
            f"`forward` has no input called `{unknown[0]}`;"
            f" the keys of dynamic_shapes have to be {_listed(expected)}",
        )
    missing = [name for name in expected if name not in given]
    return _invalid_shapes(
        failure,
        place,
        f"dynamic_shapes says nothing of {_listed(missing)};"
        " give every input an entry, `None` for a static one",
    )


def _definitions(failure: Failure, declaration: Declaration) -> Finding | None:
    match = DEFINITIONS.search(failure.text)
    if match is None:
        return None
    named: dict[str | None, Any] = {}
    for entry in declaration.entries():
        first = named.setdefault(entry.name, entry)
        if entry.name and str(first.dim) != str(entry.dim):
            return _invalid_shapes(
                failure,
                entry.location,
                f"`{entry.name}` is defined twice, as {first.dim} and as {entry.dim};"
                " one name has one range: use one Dim for both, or two names",
            )
    return None


def _range(failure: Failure, declaration: Declaration) -> Finding | None:
    match = NOT_IN_RANGE.search(failure.text)
    if match is None:
        return None
    for entry in declaration.entries():
        low, high = getattr(entry.dim, "min", None), getattr(entry.dim, "max", None)
        if entry.size is not None and (
            (low is not None and entry.size < low) or (high is not None and entry.size > high)
        ):
            return _invalid_shapes(
                failure,
                entry.location,
                f"The example has {entry.size} in {entry.called}, outside the range"
                f" {low} to {high} given here; change the range or the example",
            )
    return None


def _static(failure: Failure, declaration: Declaration) -> Finding | None:
    match = STATIC.search(failure.text)
    if match is None:
        return None
    for entry in declaration.entries():
        if isinstance(entry.dim, int) and entry.size is not None and entry.size != entry.dim:
            return _invalid_shapes(
                failure,
                entry.location,
                f"{_capital(entry.dimension)} is declared static with size {entry.dim}, but the"
                f" example has {entry.size}; change one of the two",
            )
    return None


def _dimension(failure: Failure, declaration: Declaration) -> Finding | None:
    for entry in declaration.entries():
        if entry.size is None and isinstance(failure.error, IndexError):
            return _invalid_shapes(
                failure,
                entry.input_location,
                f"There is no {entry.dimension} in the example; dimensions are counted from 0",
            )
    return None


def _not_a_tensor(failure: Failure, declaration: Declaration) -> Finding | None:
    if not isinstance(failure.error, (ValueError, AssertionError, TypeError)):
        return None
    for name, value in declaration.arguments().items():
        if isinstance(value, (int, float, str)) and (
            "integers" in failure.text or "IntWrapper" in failure.text
        ):
            return _invalid_shapes(
                failure,
                declaration.spec((name,)),
                f"`{name}` is a Python number, which has no dimensions to name;"
                " give it `None`, or `Dim.DYNAMIC` for an integer that may vary",
            )
    return None


def _at_path(failure: Failure, declaration: Declaration) -> Finding | None:
    """Whatever else ``_check_dynamic_shapes`` says, at the part of the spec that it names."""
    paths = SPEC_PATH.findall(failure.text)
    if not paths or "dynamic" not in failure.text:
        return None
    path: list[Any] = [ast.literal_eval(key) for key in re.findall(r"\[(.*?)\]", paths[-1])]
    names = list(declaration.arguments())
    index = SPEC_INDEX.search(failure.text)
    if index is not None:
        path.append(int(index[1]))
    text = re.sub(r" specified at `dynamic_shapes.*?`", "", failure.text.split("\n")[0])
    if path and isinstance(path[0], int) and path[0] < len(names):
        path[0] = names[path[0]]
    return _invalid_shapes(
        failure,
        declaration.spec(tuple(path)),
        f"This does not fit the example inputs: {text}",
    )


def _shapes_process(failure: Failure, declaration: Declaration) -> Finding | None:
    if failure.stage != "inputs" or failure.frames:
        return None
    about_shapes = "dynamic" in failure.text.lower() or "Dim" in failure.text
    place = _place(declaration.target, about_shapes)
    make: Callable[[Failure, Location, str], Finding]
    make = _invalid_shapes if about_shapes else _invalid_input
    return make(failure, place, f"torch.export does not accept this: {reason(failure.error)}")


def _place(target: Target, about_shapes: bool) -> Location:
    return target.places.dynamic_shapes if about_shapes else target.places.args


def _listed(names: list[Any]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


EXPLAINERS: tuple[Callable[[Failure, Declaration], Finding | None], ...] = (
    _model_kind,
    _args_kind,
    _signature,
    _argument_names,
    _definitions,
    _range,
    _static,
    _input_type,
    _dimension,
    _not_a_tensor,
    _at_path,
    _shapes_process,
)
