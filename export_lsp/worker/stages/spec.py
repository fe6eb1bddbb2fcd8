"""dynamic_shapes that do not fit the example inputs.

What raises it is ``_check_dynamic_shapes`` and ``_process_dynamic_shapes`` of torch; the finding is
at the part of the literal that is to blame.  Texts seen in torch 2.13.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from export_lsp.protocol import Finding, Location
from export_lsp.worker import torch_text
from export_lsp.worker.failure import Failure
from export_lsp.worker.stages.capture.sentences import article

if TYPE_CHECKING:
    from export_lsp.worker.declaration import Declaration, Path

Explainer: TypeAlias = "Callable[[Failure, Declaration], Finding | None]"

SPEC_PATH = re.compile(r"`(?:dynamic_shapes|inputs)((?:\[[^\]]*\])*)`")
SPEC_INDEX = re.compile(r"mapped to index (\d+)")
ARG_NAMES = re.compile(r"must be the arg names (\[.*?\]) of `inputs`, but here they are (\[.*?\])")
DEFINITIONS = re.compile(r"different definitions (.*?) and (.*?) for the same symbolic")
STATIC = re.compile(
    r"Static shape constraint of (\d+) does not match input size of (\d+), for (.*)"
)
NOT_IN_RANGE = re.compile(r"(\d+) not in range \[(.*?), (.*?)\]")
ELEMENTS = re.compile(
    r"`inputs(?P<inputs>(?:\[[^\]]*\])*)` has (?P<wanted>\d+) elements,"
    r" but `dynamic_shapes[^`]*` has (?P<given>\d+) elements"
)
RANK = re.compile(r"actual tensor shape .*\(expected (\d+), but got (\d+) instead\)")
NOT_A_DIM = re.compile(r"Unexpected dimension mapped to .*but got (.+?) instead\)")
UNWRITTEN_MIN = re.compile(r", min=0\b")


def _invalid(failure: Failure, location: Location, message: str) -> Finding:
    return failure.finding("invalid-dynamic-shapes", message, location=location)


def _argument_names(failure: Failure, declaration: Declaration) -> Finding | None:
    match = ARG_NAMES.search(failure.text)
    if match is None:
        return None
    place = declaration.target.places.dynamic_shapes
    expected, given = ast.literal_eval(match[1]), ast.literal_eval(match[2])
    unknown = [name for name in given if name not in expected]
    if unknown:
        return _invalid(
            failure,
            declaration.key(place, str(unknown[0])),
            f"`forward` has no input called `{unknown[0]}`;"
            f" the keys of dynamic_shapes have to be {_listed(expected)}",
        )
    missing = [name for name in expected if name not in given]
    return _invalid(
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
        if entry.name and _dim(first.dim) != _dim(entry.dim):
            return _invalid(
                failure,
                entry.location,
                f"`{entry.name}` is defined twice, as {_dim(first.dim)} and as {_dim(entry.dim)};"
                " one name has one range: use one Dim for both, or two names",
            )
    return None


def _dim(dim: Any) -> str:
    """A Dim as the user wrote it: torch adds the bound that every size has."""
    text = str(dim)
    if isinstance(dim, type):  # as in torch 2.6
        text = f"Dim('{dim.__name__}', min={dim.min}, max={dim.max})"  # type: ignore[attr-defined]
    return f"`{UNWRITTEN_MIN.sub('', text)}`"


def _range(failure: Failure, declaration: Declaration) -> Finding | None:
    match = NOT_IN_RANGE.search(failure.text)
    if match is None:
        return None
    for entry in declaration.entries():
        low, high = getattr(entry.dim, "min", None), getattr(entry.dim, "max", None)
        if entry.size is not None and (
            (low is not None and entry.size < low) or (high is not None and entry.size > high)
        ):
            return _invalid(
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
            return _invalid(
                failure,
                entry.location,
                f"The spec makes {entry.dimension} static with size {entry.dim}, but the example"
                f" has {entry.size}; change one of the two",
            )
    return None


def _dimension(failure: Failure, declaration: Declaration) -> Finding | None:
    for entry in declaration.entries():
        if entry.size is None and isinstance(failure.error, IndexError):
            return _invalid(
                failure,
                entry.input_location,
                f"There is no {entry.dimension} in the example; dimensions are counted from 0",
            )
    return None


def _not_a_tensor(failure: Failure, declaration: Declaration) -> Finding | None:
    if "to non-tensor type" not in failure.text and not (
        isinstance(failure.error, (ValueError, AssertionError, TypeError))
        and ("integers" in failure.text or "IntWrapper" in failure.text)
    ):
        return None
    for name, value in declaration.arguments().items():
        if isinstance(value, (int, float, str)):
            kind = type(value).__name__
            varying = ", or `Dim.DYNAMIC` if it may vary" if type(value) is int else ""
            return _invalid(
                failure,
                declaration.spec((name,)),
                f"`{name}` is {article(kind)} `{kind}`, which has no dimensions; give it"
                f" `None`{varying}",
            )
    return None


def _structure(failure: Failure, declaration: Declaration) -> Finding | None:
    """More or fewer parts than the inputs have."""
    match = ELEMENTS.search(failure.text)
    if match is None:
        return None
    path = _spec_path(match["inputs"], declaration)
    given, wanted = int(match["given"]), int(match["wanted"])
    if path:
        entry = f"The entry for `{_written(path)}`"
        message = f"{entry} has {_count(given, 'part')}, but the input has {wanted}"
    else:
        message = f"dynamic_shapes has {_count(given, 'entry')}, but there are {wanted} inputs"
    return _invalid(
        failure, declaration.spec(path), f"{message}; give each its own, `None` for a static one"
    )


def _rank(failure: Failure, declaration: Declaration) -> Finding | None:
    match = RANK.search(failure.text)
    if match is None:
        return None
    path = _named(failure, declaration)
    name = f"`{_written(path)}`" if path else "The input"
    return _invalid(
        failure,
        declaration.spec(path),
        f"{name} has {_count(int(match[1]), 'dimension')}, this gives"
        f" {_count(int(match[2]), 'entry')}; give one for each dimension",
    )


def _not_a_dim(failure: Failure, declaration: Declaration) -> Finding | None:
    match = NOT_A_DIM.search(failure.text)
    if match is None:
        return None
    value = match[1]
    advice = (
        f"`{value}` is a string; write `Dim({value})`"
        if value[:1] in "'\""
        else f"`{value}` is no dimension; give a `Dim`, an integer or `None`"
    )
    return _invalid(failure, declaration.spec(_named(failure, declaration)), advice)


def _named(failure: Failure, declaration: Declaration) -> Path:
    """The path into the inputs that ``_check_dynamic_shapes`` speaks of."""
    paths = SPEC_PATH.findall(failure.text)
    path = _spec_path(paths[-1], declaration) if paths else ()
    index = SPEC_INDEX.search(failure.text)
    return (*path, int(index[1])) if index is not None else path


def _spec_path(keys: str, declaration: Declaration) -> Path:
    """The path that torch writes as "['maps'][0]", from the parameter's name on."""
    path: list[Any] = [ast.literal_eval(key) for key in re.findall(r"\[(.*?)\]", keys)]
    names = list(declaration.arguments())
    if path and isinstance(path[0], int) and path[0] < len(names):
        path[0] = names[path[0]]
    return tuple(path)


def _written(path: Path) -> str:
    return f"{path[0]}{''.join(f'[{key!r}]' for key in path[1:])}"


def _count(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"


def _rest(failure: Failure, declaration: Declaration) -> Finding | None:
    """Whatever else torch says of a spec, at the part of it that it names."""
    if failure.frames or not ("dynamic" in failure.text.lower() or "Dim" in failure.text):
        return None
    path = _named(failure, declaration)
    if failure.stage != "inputs" and not path:
        return None
    text = re.sub(r" specified at `dynamic_shapes.*?`", "", torch_text.one_line(failure.text))
    place = declaration.spec(path) if path else declaration.target.places.dynamic_shapes
    return _invalid(failure, place, f"This does not fit the example inputs: {text}")


def _listed(names: list[Any]) -> str:
    return ", ".join(f"`{name}`" for name in names)


# What torch states in full; the rest comes after what may be the inputs' own fault.
KNOWN: tuple[Explainer, ...] = (_argument_names, _definitions, _range, _static, _not_a_tensor)
REST: tuple[Explainer, ...] = (_dimension, _structure, _rank, _not_a_dim, _rest)
