"""Inputs and outputs that ``torch.export.save`` cannot write, or ``load`` cannot read."""

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
from export_lsp.worker.text.sentences import Words, sentence

CLASS = re.compile(r"<class '(?:.*\.)?(.*?)'>")
SAVE = "`torch.export.save`"
LABEL = "Container that cannot be saved"


def explain(
    failure: Failure, declaration: Declaration, program: ExportedProgram
) -> Iterator[Finding]:
    """Yield a finding for each input and output in a container without a form on disk.

    If the containers of the outputs can be written, the outputs themselves are examined.
    """
    for name, value in declaration.arguments().items():
        error = _error_of(pytree.tree_structure(value))
        if error is not None:
            yield replace(failure, error=error).finding(
                "serialization-error",
                _container_words(error, f"The input `{name}`"),
                location=declaration.example_location((name,)),
            )
    location = return_expression(failure.workspace, declaration.built)
    error = _error_of(program.call_spec.out_spec)
    if error is not None:
        words = _container_words(error, "What `forward` returns")
        yield replace(failure, error=error).finding("serialization-error", words, location=location)
    else:
        yield from _outputs(failure, program, location)


def _error_of(spec: Any) -> BaseException | None:
    """Write the structure of a container and read it back; return what that raises."""
    if spec is None:
        return None
    try:
        pytree.treespec_loads(pytree.treespec_dumps(spec))
    except USER_ERRORS as error:
        return error
    return None


def _container_words(error: BaseException, subject: str) -> Words:
    text = text_of(error)
    named = CLASS.search(text)
    name = named[1] if named else ""
    if "torch.return_types" in text:
        return Words(
            f"`torch.return_types.{name}` to be saved",
            f"{subject} holds a `torch.return_types.{name}`, which {SAVE} cannot write.",
            "Take it apart and return its tensors.",
        )
    if "namedtuple" in text:
        return Words(
            f"Named tuple `{name}` to be saved",
            f"{subject} holds the named tuple `{name}`, which {SAVE} cannot write as it is.",
            "Use a plain tuple or a dict, or register it"
            f' (`torch.utils._pytree._register_namedtuple({name}, serialized_type_name="…")`).',
        )
    if "serialization name" in text:
        return Words(
            f"`{name}` without a name to be saved under",
            f"{subject} holds a `{name}`, which is registered without a name to save it under.",
            "Give its registration one"
            f' (`torch.export.register_dataclass({name}, serialized_type_name="…")`).',
        )
    if "serialize context" in text:
        return Words(
            LABEL,
            f"{subject} is in a container that {SAVE} cannot describe in JSON"
            f" ({reason(error.__cause__ or error)}).",
            "Use strings and numbers as keys, or register the container's class with functions that"
            " write and read its context (`to_dumpable_context`, `from_dumpable_context`).",
        )
    why = f"{subject} is in a container that cannot be saved and loaded back."
    return Words(LABEL, f"{why} {sentence(reason(error))}")


def _outputs(
    failure: Failure, program: ExportedProgram, location: Location | None
) -> Iterator[Finding]:
    """Yield a finding for each output that is not a tensor and has no form on disk."""
    for spec in program.graph_signature.output_specs:
        if spec.kind is not OutputKind.USER_OUTPUT:
            continue
        if isinstance(spec.arg, ConstantArgument) and isinstance(spec.arg.value, str):
            words = Words(
                "String as an output to be saved",
                f"`forward` returns the string {spec.arg.value!r}, which can be saved but not be"
                " loaded back.",
                "Return tensors and numbers only.",
            )
        elif type(spec.arg).__name__ == "SymBoolArgument":
            words = Words(
                "Truth value of a size to be saved",
                f"`forward` returns a truth value that depends on a size, which {SAVE} cannot"
                " write.",
                "Return the size, or a tensor.",
            )
        else:
            continue
        yield failure.finding("serialization-error", words, location=location)
