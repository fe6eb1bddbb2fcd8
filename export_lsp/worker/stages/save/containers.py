"""What goes into and comes out of a program, and whether that has a form on disk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from torch.export import ExportedProgram
from torch.export.graph_signature import ConstantArgument, OutputKind
from torch.utils import _pytree as pytree

from export_lsp.protocol import Finding, Location
from export_lsp.worker.places.failure import Failure, reason
from export_lsp.worker.places.return_site import return_expression
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.exception_text import USER_ERRORS, text_of

CLASS = re.compile(r"<class '(?:.*\.)?(.*?)'>")
SAVE = "`torch.export.save`"


def explain(
    failure: Failure, declaration: Declaration, program: ExportedProgram
) -> Iterator[Finding]:
    """Inputs and outputs that cannot be written, or not be read."""
    for name, spec in _inputs(declaration):
        error = _unwritten(spec)
        if error is not None:
            blamed = replace(failure, error=error)
            yield blamed.finding(
                "serialization-error",
                _container(error, f"The input `{name}`"),
                location=declaration.example_location((name,)),
            )
    place = return_expression(failure.workspace, declaration.built)
    error = _unwritten(program.call_spec.out_spec)
    if error is not None:
        blamed = replace(failure, error=error)
        message = _container(error, "What `forward` returns")
        yield blamed.finding("serialization-error", message, location=place)
    else:
        yield from _leaves(failure, program, place)


def _inputs(declaration: Declaration) -> Iterator[tuple[str, Any]]:
    """The structure of every argument by the name of its parameter."""
    for name, value in declaration.arguments().items():
        yield name, pytree.tree_structure(value)


def _unwritten(spec: Any) -> BaseException | None:
    """What writing a container's structure, or reading it back, raises."""
    if spec is None:
        return None
    try:
        pytree.treespec_loads(pytree.treespec_dumps(spec))
    except USER_ERRORS as error:
        return error
    return None


def _container(error: BaseException, whose: str) -> str:
    text = text_of(error)
    named = CLASS.search(text)
    name = named[1] if named else ""
    if "torch.return_types" in text:
        return (
            f"{whose} holds a `torch.return_types.{name}`, which {SAVE} cannot write; take it"
            " apart and return its tensors"
        )
    if "namedtuple" in text:
        return (
            f"{whose} holds the named tuple `{name}`, which {SAVE} cannot write as it is; use a"
            " plain tuple or a dict, or register it"
            f' (`torch.utils._pytree._register_namedtuple({name}, serialized_type_name="…")`)'
        )
    if "serialization name" in text:
        return (
            f"{whose} holds a `{name}`, which is registered without a name to save it under; give"
            " its registration one"
            f' (`torch.export.register_dataclass({name}, serialized_type_name="…")`)'
        )
    if "serialize context" in text:
        return (
            f"{whose} is in a container that {SAVE} cannot describe in JSON"
            f" ({reason(error.__cause__ or error)}); use strings and numbers as keys, or register"
            " the container's class with functions that write and read its context"
            " (`to_dumpable_context`, `from_dumpable_context`)"
        )
    return f"{whose} is in a container that cannot be saved and loaded back: {reason(error)}"


def _leaves(
    failure: Failure, program: ExportedProgram, place: Location | None
) -> Iterator[Finding]:
    """Outputs that are no tensors and that the format has no place for."""
    for spec in program.graph_signature.output_specs:
        if spec.kind is not OutputKind.USER_OUTPUT:
            continue
        if isinstance(spec.arg, ConstantArgument) and isinstance(spec.arg.value, str):
            what, advice = f"the string {spec.arg.value!r}", "return tensors and numbers only"
        elif type(spec.arg).__name__ == "SymBoolArgument":
            what = "a truth value that depends on a size"
            advice = "return the size, or a tensor"
        else:
            continue
        yield failure.finding(
            "serialization-error",
            f"`forward` returns {what}, which can be saved but not be loaded back; {advice}"
            if isinstance(spec.arg, ConstantArgument)
            else f"`forward` returns {what}, which {SAVE} cannot write; {advice}",
            location=place,
        )
