"""dynamic_shapes that do not fit the example inputs.

What raises it is ``_check_dynamic_shapes`` and ``_process_dynamic_shapes`` of torch; the finding is
at the part of the literal that is to blame.  Texts seen in torch 2.13.
"""

from __future__ import annotations

import ast
import difflib
import re
import traceback
from collections.abc import Callable
from typing import Any, TypeAlias

from export_lsp.protocol import Finding, Location, Remedy
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.remedies import dynamic_shapes, spec_literals
from export_lsp.worker.stages.inputs import spec_paths, spec_sizes, spec_values
from export_lsp.worker.stages.inputs.spec_finding import invalid
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text import torch_text
from export_lsp.worker.text.sentences import article

Explainer: TypeAlias = "Callable[[Failure, Declaration], Finding | None]"

ARG_NAMES = re.compile(r"must be the arg names (\[.*?\]) of `inputs`, but here they are (\[.*?\])")
DEFINITIONS = re.compile(r"different definitions (.*?) and (.*?) for the same symbolic")
ELEMENTS = re.compile(
    r"`inputs(?P<inputs>(?:\[[^\]]*\])*)` has (?P<wanted>\d+) elements,"
    r" but `dynamic_shapes[^`]*` has (?P<given>\d+) elements"
)
RANK = re.compile(r"actual tensor shape .*\(expected (\d+), but got (\d+) instead\)")
NOT_A_DIM = re.compile(r"Unexpected dimension mapped to .*but got (.+?) instead\)")
UNWRITTEN_MIN = re.compile(r", min=0\b")


def _argument_names(failure: Failure, declaration: Declaration) -> Finding | None:
    match = ARG_NAMES.search(failure.text)
    if match is None:
        return None
    place = declaration.target.places.dynamic_shapes
    expected, given = ast.literal_eval(match[1]), ast.literal_eval(match[2])
    unknown = [name for name in given if name not in expected]
    if unknown and unknown[0] in spec_values.in_keywords(declaration):
        return spec_values.no_keywords(
            failure, declaration, declaration.key_location(place, str(unknown[0]))
        )
    missing = [name for name in expected if name not in given]
    source = failure.source(place)
    if unknown:
        there = declaration.key_location(place, str(unknown[0]))
        likely = difflib.get_close_matches(str(unknown[0]), missing, 1, 0.0)
        return invalid(
            failure,
            there,
            f"`forward` has no input called `{unknown[0]}`;"
            f" the keys of dynamic_shapes have to be {_listed(expected)}",
            spec_literals.rename_key(source, there, likely[0]) if source and likely else (),
        )
    title = f"Say that {_listed(missing)} {'is' if len(missing) == 1 else 'are'} static"
    static = [f'"{name}": None' for name in missing]
    return invalid(
        failure,
        place,
        f"dynamic_shapes says nothing of {_listed(missing)};"
        " give every input an entry, `None` for a static one",
        spec_literals.append_items(source, place, static, title) if source else (),
    )


def _definitions(failure: Failure, declaration: Declaration) -> Finding | None:
    match = DEFINITIONS.search(failure.text)
    if match is None:
        return None
    named: dict[str | None, Any] = {}
    for entry in declaration.shape_entries():
        first = named.setdefault(entry.name, entry)
        if entry.name and _dim(first.dim) != _dim(entry.dim):
            return invalid(
                failure,
                entry.location,
                f"`{entry.name}` is defined twice, as {_dim(first.dim)} and as {_dim(entry.dim)};"
                " one name has one range: use one Dim for both, or two names",
                instead=failure.excerpt(first.location),
            )
    return None


def _dim(dim: Any) -> str:
    """A Dim as the user wrote it: torch adds the bound that every size has."""
    text = str(dim)
    if isinstance(dim, type):  # as in torch 2.6
        text = f"Dim('{dim.__name__}', min={dim.min}, max={dim.max})"  # type: ignore[attr-defined]
    return f"`{UNWRITTEN_MIN.sub('', text)}`"


def _dimension(failure: Failure, declaration: Declaration) -> Finding | None:
    for entry in declaration.shape_entries():
        if entry.size is None and isinstance(failure.error, IndexError):
            return invalid(
                failure,
                entry.input_location,
                f"There is no {entry.description} in the example; dimensions are counted from 0",
            )
    return None


def _dimension_key(failure: Failure, declaration: Declaration) -> Finding | None:
    if failure.stage != "inputs" or not isinstance(failure.error, TypeError):
        return None
    for path, spec, _ in declaration.specified_inputs(declaration.arguments()):
        keys = [key for key in spec if not isinstance(key, int)] if isinstance(spec, dict) else []
        if keys:
            return invalid(
                failure,
                declaration.spec_location(path),
                f"The keys of a tensor's spec are its dimensions' numbers, and {keys[0]!r} is"
                f" {article(type(keys[0]).__name__)} `{type(keys[0]).__name__}`; write 0 for the"
                " first dimension",
                spec_literals.convert_keys_to_numbers(
                    failure.source(declaration.spec_location(path)), declaration.spec_location(path)
                ),
            )
    return None


def _collection(failure: Failure, declaration: Declaration) -> Finding | None:
    if "assigned shapes were not found in args" not in failure.text:
        return None
    return invalid(
        failure,
        declaration.target.places.dynamic_shapes,
        "This gives shapes to a tensor that is not in the example inputs; use the very tensors of"
        " the example as keys, not copies of them",
    )


def _additional(failure: Failure, declaration: Declaration) -> Finding | None:
    """What `AdditionalInputs` raises where it compares its examples with the first one."""
    shapes = declaration.built.dynamic_shapes
    frames = traceback.walk_tb(failure.error.__traceback__)
    if type(shapes).__name__ != "AdditionalInputs" or not any(
        frame.f_locals.get("self") is shapes for frame, _ in frames
    ):
        return None
    text = torch_text.one_line(failure.text).rstrip(".")
    return invalid(
        failure,
        declaration.target.places.dynamic_shapes,
        f"The additional inputs do not fit the example: {text}; they"
        " may differ from it in sizes and integers only",
    )


def _structure(failure: Failure, declaration: Declaration) -> Finding | None:
    """More or fewer parts than the inputs have."""
    match = ELEMENTS.search(failure.text)
    if match is None:
        return None
    path = spec_paths.below(match["inputs"], declaration)
    given, wanted = int(match["given"]), int(match["wanted"])
    if path:
        entry = f"The entry for `{spec_paths.written(path)}`"
        message = f"{entry} has {_count(given, 'part')}, but the input has {wanted}"
    else:
        taken = "is 1 input" if wanted == 1 else f"are {wanted} inputs"
        message = f"dynamic_shapes has {_count(given, 'entry')}, but there {taken}"
        several = spec_values.variadic(declaration, "*")
        if several is not None:
            return invalid(
                failure,
                declaration.spec_location(path),
                f"{message}, since all of `*{several}` is one; give it one tuple with an entry for"
                " each",
                instead=f"({failure.excerpt(declaration.spec_location(path))},)",
            )
    return invalid(
        failure,
        declaration.spec_location(path),
        f"{message}; give each its own, `None` for a static one",
        _fitted(failure, declaration.spec_location(path), given, wanted),
    )


def _rank(failure: Failure, declaration: Declaration) -> Finding | None:
    match = RANK.search(failure.text)
    if match is None:
        return None
    path = spec_paths.named(failure, declaration)
    name = f"`{spec_paths.written(path)}`" if path else "The input"
    return invalid(
        failure,
        declaration.spec_location(path),
        f"{name} has {_count(int(match[1]), 'dimension')}, this gives"
        f" {_count(int(match[2]), 'entry')}; give one for each dimension",
        _fitted(failure, declaration.spec_location(path), int(match[2]), int(match[1])),
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
    place = declaration.spec_location(spec_paths.named(failure, declaration))
    source = failure.source(place)
    text = failure.excerpt(place)
    quoted = value[:1] in "'\"" and text[1:-1] == value[1:-1]
    instead = (
        f"{dynamic_shapes.dim_class_name(source)}({text})"
        if source is not None and quoted
        else None
    )
    return invalid(failure, place, advice, instead=instead)


def _fitted(failure: Failure, place: Location, given: int, wanted: int) -> tuple[Remedy, ...]:
    """As many items as there are to be."""
    source = failure.source(place)
    if source is None:
        return ()
    if given > wanted:
        title = f"Keep {_count(wanted, 'entry')}, the first"
        return tuple(spec_literals.drop_items(source, place, wanted, title))
    title = f"Add `None` for {'what is' if wanted - given == 1 else 'those that are'} missing"
    return tuple(spec_literals.append_items(source, place, ["None"] * (wanted - given), title))


def _count(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"


def _rest(failure: Failure, declaration: Declaration) -> Finding | None:
    """Whatever else torch says of a spec, at the part of it that it names."""
    if failure.frames or not ("dynamic" in failure.text.lower() or "Dim" in failure.text):
        return None
    path = spec_paths.named(failure, declaration)
    if failure.stage != "inputs" and not path:
        return None
    text = re.sub(r" specified at `dynamic_shapes.*?`", "", torch_text.one_line(failure.text))
    place = declaration.spec_location(path) if path else declaration.target.places.dynamic_shapes
    return invalid(failure, place, f"This does not fit the example inputs: {text}")


def _listed(names: list[Any]) -> str:
    return ", ".join(f"`{name}`" for name in names)


# What torch states in full; the rest comes after what may be the inputs' own fault.
KNOWN: tuple[Explainer, ...] = (
    _additional,
    _collection,
    _argument_names,
    _definitions,
    *spec_sizes.KNOWN,
    *spec_values.KNOWN,
)
REST: tuple[Explainer, ...] = (
    _dimension,
    _dimension_key,
    *spec_values.REST,
    _structure,
    _rank,
    _not_a_dim,
    _rest,
)
