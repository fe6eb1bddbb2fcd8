"""Keys of dynamic_shapes that are not the inputs of ``forward``."""

from __future__ import annotations

import ast
import difflib
import inspect
import re
from typing import Any

from export_lsp.protocol import Finding, Location
from export_lsp.worker.places.failure import Failure
from export_lsp.worker.remedies import spec_literals
from export_lsp.worker.stages.inputs.finding import invalid_spec
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.text.sentences import Words

ARG_NAMES = re.compile(r"must be the arg names (\[.*?\]) of `inputs`, but here they are (\[.*?\])")
STARS = {"*": inspect.Parameter.VAR_POSITIONAL, "**": inspect.Parameter.VAR_KEYWORD}


def top_level_keys(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain keys that are no parameters of ``forward``, or that lack some of them."""
    match = ARG_NAMES.search(failure.text)
    if match is None:
        return None
    place = declaration.target.places.dynamic_shapes
    source = failure.source(place)
    expected, given = ast.literal_eval(match[1]), ast.literal_eval(match[2])
    unknown = [str(name) for name in given if name not in expected]
    missing = [name for name in expected if name not in given]
    if unknown:
        key = declaration.key_location(place, unknown[0])
        if unknown[0] in _keyword_inputs(declaration):
            return _not_for_keywords(failure, declaration, key)
        likely = difflib.get_close_matches(unknown[0], missing, 1, 0.0)
        return invalid_spec(
            failure,
            key,
            Words(
                "Unknown input in dynamic_shapes",
                _why_unknown(unknown[0], declaration),
                f"The keys of dynamic_shapes have to be {_listed(expected)}.",
            ),
            spec_literals.rename_key(source, key, likely[0]) if source and likely else (),
        )
    title = f"Declare {_listed(missing)} static"
    static = [f'"{name}": None' for name in missing]
    return invalid_spec(
        failure,
        place,
        Words(
            "Missing entry in dynamic_shapes",
            f"dynamic_shapes has no entry for {_listed(missing)}.",
            "Give every input an entry, `None` for a static one.",
        ),
        spec_literals.append_items(source, place, static, title) if source else (),
    )


def _why_unknown(name: str, declaration: Declaration) -> str:
    if name in inspect.signature(declaration.built.model.forward).parameters:
        return f"The example inputs give no value for `{name}`."
    return f"`forward` has no input called `{name}`."


def keyword_inputs(failure: Failure, declaration: Declaration) -> Finding | None:
    """Explain a spec for inputs in ``**kwargs``, which torch 2.13 cannot match with any."""
    name = variadic(declaration, "**")
    if name is None or "Must provide a tree_name" not in failure.text:
        return None
    return _not_for_keywords(failure, declaration, declaration.spec_location((name,)))


def _keyword_inputs(declaration: Declaration) -> list[str]:
    name = variadic(declaration, "**")
    return list(declaration.arguments()[name]) if name is not None else []


def _not_for_keywords(failure: Failure, declaration: Declaration, location: Location) -> Finding:
    return invalid_spec(
        failure,
        location,
        Words(
            "Dynamic shapes of keyword inputs",
            "torch.export takes no dynamic_shapes for the inputs in"
            f" `**{variadic(declaration, '**')}`.",
            "Give `forward` a parameter for each of them.",
        ),
    )


def variadic(declaration: Declaration, stars: str) -> str | None:
    """Return the name of the parameter of ``forward`` with these stars, if inputs go to it."""
    kind = STARS[stars]
    used = declaration.arguments()
    if not used:
        return None
    parameters = inspect.signature(declaration.built.model.forward).parameters.values()
    return next((p.name for p in parameters if p.kind is kind and p.name in used), None)


def _listed(names: list[Any]) -> str:
    return ", ".join(f"`{name}`" for name in names)
