"""Specs with more or fewer parts than the inputs, and specs in classes of torch's."""

from __future__ import annotations

import re
import traceback

from torch.export import dynamic_shapes

from export_lsp.protocol import Finding, Location, Remedy
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.remedies import spec_literals
from export_lsp.worker.stages.inputs.finding import invalid_spec
from export_lsp.worker.stages.inputs.shape_spec import paths
from export_lsp.worker.stages.inputs.shape_spec.input_names import variadic
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text import torch_text
from export_lsp.worker.text.sentences import Words, sentence

WRONG_NUMBER = "Wrong number of entries"

ELEMENTS = re.compile(
    r"`inputs(?P<inputs>(?:\[[^\]]*\])*)` has (?P<wanted>\d+) elements,"
    r" but `dynamic_shapes[^`]*` has (?P<given>\d+) elements"
)
RANK = re.compile(r"actual tensor shape .*\(expected (\d+), but got (\d+) instead\)")
SPECIFIED_AT = re.compile(r" specified at `dynamic_shapes.*?`")


def collection(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain a ``ShapesCollection`` whose keys are not the tensors of the example inputs."""
    if "assigned shapes were not found in args" not in failure.text:
        return None
    return invalid_spec(
        failure,
        declaration.target.places.dynamic_shapes,
        Words(
            "Shapes of an unknown tensor",
            "This gives shapes to a tensor that is not in the example inputs.",
            "Use the very tensors of the example as keys, not copies of them.",
        ),
    )


def additional_inputs(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain ``AdditionalInputs`` that do not have the structure of the example inputs."""
    shapes = declaration.built.dynamic_shapes
    frames = traceback.walk_tb(failure.error.__traceback__)
    if type(shapes).__name__ != "AdditionalInputs" or not any(
        frame.f_locals.get("self") is shapes for frame, _ in frames
    ):
        return None
    text = sentence(torch_text.one_line(failure.text))
    return invalid_spec(
        failure,
        declaration.target.places.dynamic_shapes,
        Words(
            "Additional inputs that do not fit",
            f"The additional inputs do not fit the example: {text}",
            "They may differ from it in sizes and integers only.",
        ),
    )


def number_of_parts(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain a container of specs with more or fewer parts than the inputs have."""
    match = ELEMENTS.search(failure.text)
    if match is None:
        return None
    path = paths.parsed(match["inputs"], declaration)
    place = declaration.spec_location(path)
    given, wanted = int(match["given"]), int(match["wanted"])
    if path:
        entry = f"The entry for `{paths.expression(path)}`"
        why = f"{entry} has {_count(given, 'part')}, but the input has {wanted}"
    else:
        inputs = "is 1 input" if wanted == 1 else f"are {wanted} inputs"
        why = f"dynamic_shapes has {_count(given, 'entry')}, but there {inputs}"
        several = variadic(declaration, "*")
        if several is not None:
            return invalid_spec(
                failure,
                place,
                Words(
                    WRONG_NUMBER,
                    f"{why}, since all of `*{several}` is one.",
                    "Give it one tuple with an entry for each.",
                ),
                instead=f"({failure.excerpt(place)},)",
            )
    return invalid_spec(
        failure,
        place,
        Words(WRONG_NUMBER, f"{why}.", "Give each its own, `None` for a static one."),
        _with_entries(failure, place, given, wanted),
    )


def number_of_dimensions(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain a sequence of more or fewer entries than a tensor has dimensions."""
    match = RANK.search(failure.text)
    if match is None:
        return None
    wanted, given = int(match[1]), int(match[2])
    path = paths.path_in(failure, declaration)
    place = declaration.spec_location(path)
    name = f"`{paths.expression(path)}`" if path else "The input"
    return invalid_spec(
        failure,
        place,
        Words(
            WRONG_NUMBER,
            f"{name} has {_count(wanted, 'dimension')}, but its spec has {_count(given, 'entry')}.",
            "Give one for each dimension.",
        ),
        _with_entries(failure, place, given, wanted),
    )


def unknown(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain any other failure whose text is about a spec, at the part that the text names."""
    if failure.stack or not ("dynamic" in failure.text.lower() or "Dim" in failure.text):
        return None
    path = paths.path_in(failure, declaration)
    if failure.stage != "inputs" and not path:
        return None
    text = SPECIFIED_AT.sub("", torch_text.one_line(failure.text))
    place = declaration.spec_location(path) if path else declaration.target.places.dynamic_shapes
    why = f"This does not fit the example inputs: {sentence(text)}"
    return invalid_spec(failure, place, Words("Spec that does not fit the inputs", why))


def unstated(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain a failure without a text of torch's checks of specs, as up to torch 2.9."""
    if failure.stack or failure.text or not isinstance(failure.error, AssertionError):
        return None
    frames = [frame for frame, _ in traceback.walk_tb(failure.error.__traceback__)]
    if not frames or frames[-1].f_code.co_filename != dynamic_shapes.__file__:
        return None
    path = paths.of_keys(frames[-1].f_locals.get("path", ()), declaration)
    if path:
        place, what = declaration.spec_location(path), f"The entry for `{paths.expression(path)}`"
    else:
        place, what = declaration.target.places.dynamic_shapes, "This"
    why = (
        f"{what} is not what torch.export takes there: a dict, tuple or list for a tensor, `None`"
        " for what has no dimensions."
    )
    return invalid_spec(failure, place, Words("Spec that does not fit the inputs", why))


def _with_entries(failure: Failure, place: Location, given: int, wanted: int) -> tuple[Remedy, ...]:
    """The spec with as many entries as are wanted."""
    source = failure.source(place)
    if source is None:
        return ()
    if given > wanted:
        title = f"Keep the first {_count(wanted, 'entry') if wanted > 1 else 'entry'}"
        return tuple(spec_literals.drop_items(source, place, wanted, title))
    missing = wanted - given
    title = f"Add `None` for the missing {'entry' if missing == 1 else 'entries'}"
    return tuple(spec_literals.append_items(source, place, ["None"] * missing, title))


def _count(number: int, noun: str) -> str:
    if number == 1:
        return f"1 {noun}"
    return f"{number} {noun[:-1]}ies" if noun.endswith("y") else f"{number} {noun}s"
