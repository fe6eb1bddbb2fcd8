"""`replace`: other Dims in dynamic_shapes, and examples of another size."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from export_lsp.protocol import Location, Remedy, Replacement
from export_lsp.worker.remedies.dim_expressions import (
    dim_class_name,
    dim_definition,
    suggested_dim,
)
from export_lsp.worker.targets.declaration import Declaration
from export_lsp.worker.targets.shape_entry import ShapeEntry, joint_label
from export_lsp.worker.user_code.workspace import Workspace

GROUP = "dynamic_shapes"
EXAMPLE = "the example"

# The smallest size that torch does not treat as a constant.
SMALLEST_DYNAMIC = 2

# Functions that make a tensor from its sizes as separate arguments.
OF_SIZES = ("randn", "rand", "zeros", "ones", "empty")


def make_static(entries: Sequence[ShapeEntry], text: str = "None") -> tuple[Remedy, ...]:
    """Declare that sizes do not vary, by writing `text` for each."""
    title = f"Make {joint_label(entries)} static"
    return _replace_all([Replacement(entry.location, text) for entry in entries], title)


def let_export_decide(entries: Sequence[ShapeEntry], workspace: Workspace) -> tuple[Remedy, ...]:
    """Write `Dim.AUTO` for sizes, so that export finds out how they depend on each other."""
    source = workspace.source(entries[0].location.file)
    if source is None:
        return ()
    text = f"{dim_class_name(source)}.AUTO"
    title = f"Let export decide on {joint_label(entries)}: `{text}`"
    return _replace_all([Replacement(entry.location, text) for entry in entries], title)


def apply_suggestions(
    suggestions: Iterable[str], entries: Sequence[ShapeEntry], workspace: Workspace
) -> tuple[Remedy, ...]:
    """Apply all of torch's suggestions, each where the file makes the Dim.

    Args:
        suggestions: torch's lines, "rows = Dim('rows', max=9)".
        entries: The entries of dynamic_shapes with a location of their own.
        workspace: The user's files.
    """
    by_name = {name: value for name, _, value in (line.partition(" = ") for line in suggestions)}
    replacements: dict[Location, Replacement] = {}
    declared: list[str] = []
    for name in by_name:
        for entry in [entry for entry in entries if entry.name == name]:
            source = workspace.source(entry.location.file)
            if source is None or source.tree is None:
                return ()
            text = suggested_dim(name, by_name, entries, source)
            if text is None:
                return ()
            if text == "None":
                location = entry.location
            else:
                location = dim_definition(source, entry.location)
                declared.append(f"`{name} = {text}`")
            replacements[location] = Replacement(location, text)
    if declared:
        title = f"Declare {' and '.join(dict.fromkeys(declared))}"
    else:
        named = [entry for entry in entries if entry.name in by_name]
        title = f"Make {joint_label(named)} static" if named else ""
    return _replace_all(list(replacements.values()), title)


def resolve_violation(
    entries: Sequence[ShapeEntry],
    suggestions: Sequence[str],
    declaration: Declaration,
    *,
    constant: bool,
) -> tuple[Remedy, ...]:
    """Declare what the code allows, where it does not let sizes vary as they are declared.

    Args:
        entries: All entries of the Dims in question.
        suggestions: torch's lines for them, as for `apply_suggestions`.
        declaration: The target.
        constant: True if the code allows only one size.
    """
    if not all(map(has_own_location, entries)):
        return ()
    if constant:
        return make_static(entries)
    own = [entry for entry in declaration.shape_entries() if has_own_location(entry)]
    workspace = declaration.workspace
    return (*apply_suggestions(suggestions, own, workspace), *let_export_decide(entries, workspace))


def vary_constant_size(entry: ShapeEntry, workspace: Workspace) -> tuple[Remedy, ...]:
    """Use another example, or none that varies, where torch treats the example's as a constant."""
    static = make_static([entry]) if has_own_location(entry) else ()
    return (*enlarge_example(entry, workspace), *static)


def enlarge_example(entry: ShapeEntry, workspace: Workspace) -> tuple[Remedy, ...]:
    """Give the example a size that torch does not treat as a constant."""
    source = workspace.source(entry.example_location.file)
    call = source.expression_at(entry.example_location) if source is not None else None
    if source is None or not isinstance(call, ast.Call) or entry.axis is None:
        return ()
    of_sizes = isinstance(call.func, ast.Attribute) and call.func.attr in OF_SIZES
    if not of_sizes or entry.axis >= len(call.args):
        return ()
    size = call.args[entry.axis]
    if not isinstance(size, ast.Constant) or size.value != entry.size:
        return ()
    text = str(SMALLEST_DYNAMIC)
    title = f"Use an example of size {text} in {entry.description}"
    data = {"inputs": "other"}
    return (Remedy("replace", source.location_of(size), text, (), EXAMPLE, title, data),)


def widen_range(entry: ShapeEntry, workspace: Workspace) -> tuple[Remedy, ...]:
    """Widen the range of a Dim so that it contains the example's size."""
    source = workspace.source(entry.location.file)
    location = dim_definition(source, entry.location) if source is not None else entry.location
    dim = source.expression_at(location) if source is not None else None
    if source is None or not isinstance(dim, ast.Call) or entry.size is None:
        return ()
    for bound in dim.keywords:
        value = getattr(bound.value, "value", None)
        if isinstance(value, int) and (
            (bound.arg == "min" and entry.size < value)
            or (bound.arg == "max" and entry.size > value)
        ):
            location = source.location_of(bound.value)
            return (Remedy("replace", location, str(entry.size), group=GROUP),)
    return ()


def has_own_location(entry: ShapeEntry) -> bool:
    """Return whether the entry's location contains it alone.

    It does not if, for example, a function makes the spec of the whole input.
    """
    return entry.axis is None or entry.location != entry.input_location


def _replace_all(replacements: list[Replacement], title: str) -> tuple[Remedy, ...]:
    if not replacements or not title:
        return ()
    first, *others = replacements
    return (Remedy("replace", first.location, first.text, tuple(others), GROUP, title),)
