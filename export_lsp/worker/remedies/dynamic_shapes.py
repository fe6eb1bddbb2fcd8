"""`replace`: what dynamic_shapes should say instead, and examples of another size."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from export_lsp.protocol import Location, Remedy, Replacement
from export_lsp.source import Source
from export_lsp.worker.targets.shape_entry import ShapeEntry, joint_label
from export_lsp.worker.user_code.workspace import Workspace

if TYPE_CHECKING:
    from export_lsp.worker.targets.declaration import Declaration

GROUP = "dynamic_shapes"
EXAMPLE = "the example"

# The least size that torch does not take to be a constant.
ENOUGH = 2

# What makes a tensor of sizes that it is given one by one.
OF_SIZES = ("randn", "rand", "zeros", "ones", "empty")


def make_static(entries: Sequence[ShapeEntry], text: str = "None") -> tuple[Remedy, ...]:
    """Dimensions that do not vary."""
    title = f"Make {joint_label(entries)} static"
    return _replaced([Replacement(entry.location, text) for entry in entries], title)


def let_export_decide(entries: Sequence[ShapeEntry], workspace: Workspace) -> tuple[Remedy, ...]:
    """Dimensions of which export finds out what they depend on."""
    source = workspace.source(entries[0].location.file)
    if source is None:
        return ()
    text = f"{dim_class_name(source)}.AUTO"
    title = f"Let export decide on {joint_label(entries)}: `{text}`"
    return _replaced([Replacement(entry.location, text) for entry in entries], title)


def apply_suggestions(
    fixes: Iterable[str], entries: Sequence[ShapeEntry], workspace: Workspace
) -> tuple[Remedy, ...]:
    """torch's own fixes (`rows = Dim('rows', max=9)`), written where the Dims are made."""
    told = {name: value for name, _, value in (fix.partition(" = ") for fix in fixes)}
    parts: dict[Location, Replacement] = {}
    said: list[str] = []
    for name in told:
        mine = [entry for entry in entries if entry.name == name]
        for entry in mine:
            source = workspace.source(entry.location.file)
            if source is None or source.tree is None:
                return ()
            text = _Writing(source, told, entries, name).text()
            if text is None:
                return ()
            place = entry.location if text == "None" else dim_definition(source, entry.location)
            parts[place] = Replacement(place, text)
            if text != "None":
                said.append(f"`{name} = {text}`")
    title = f"Declare {' and '.join(dict.fromkeys(said))}" if said else ""
    if not title:
        named = [entry for entry in entries if entry.name in told]
        title = f"Make {joint_label(named)} static" if named else ""
    return _replaced(list(parts.values()), title)


def vary_constant_size(entry: ShapeEntry, workspace: Workspace) -> tuple[Remedy, ...]:
    """For an example whose size is one that torch takes to be a constant."""
    return (
        *enlarge_example(entry, workspace),
        *(make_static([entry]) if has_own_location(entry) else ()),
    )


def enlarge_example(entry: ShapeEntry, workspace: Workspace) -> tuple[Remedy, ...]:
    """An example whose size is no constant to torch."""
    source = workspace.source(entry.example_location.file)
    call = source.expression_at(entry.example_location) if source is not None else None
    if source is None or not isinstance(call, ast.Call) or entry.axis is None:
        return ()
    made = isinstance(call.func, ast.Attribute) and call.func.attr in OF_SIZES
    if not made or entry.axis >= len(call.args):
        return ()
    size = call.args[entry.axis]
    if not isinstance(size, ast.Constant) or size.value != entry.size:
        return ()
    title = f"Use an example of size {ENOUGH} in {entry.description}"
    data = {"inputs": "other"}
    return (Remedy("replace", source.location_of(size), str(ENOUGH), (), EXAMPLE, title, data),)


def dim_class_name(source: Source) -> str:
    """What the file calls ``torch.export.Dim``."""
    for node in source.nodes:
        if isinstance(node, ast.ImportFrom) and node.module == "torch.export":
            for alias in node.names:
                if alias.name == "Dim":
                    return alias.asname or alias.name
    return "torch.export.Dim"


def dim_definition(source: Source, place: Location) -> Location:
    """Where the Dim is made that stands at a place by its name; else the place."""
    name = source.expression_at(place)
    if not isinstance(name, ast.Name):
        return place
    values = [
        node.value
        for node in source.nodes
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == name.id for target in node.targets)
    ]
    return source.location_of(values[0]) if len(values) == 1 else place


def resolve_violation(
    entries: Sequence[ShapeEntry],
    alike: Sequence[ShapeEntry],
    fixes: Sequence[str],
    declaration: Declaration,
    *,
    constant: bool,
) -> tuple[Remedy, ...]:
    """For dimensions that the code does not let vary as they are declared to: torch's `fixes`.

    `alike` are all that share a Dim with them.
    """
    if not all(map(has_own_location, alike)):
        return ()
    if constant:
        return make_static(alike)
    every = [entry for entry in declaration.shape_entries() if has_own_location(entry)]
    workspace = declaration.workspace
    return (*apply_suggestions(fixes, every, workspace), *let_export_decide(alike, workspace))


def has_own_location(entry: ShapeEntry) -> bool:
    """Whether an entry's place has nothing but the entry: a spec may be made by a function."""
    return entry.axis is None or entry.location != entry.input_location


def _replaced(parts: list[Replacement], title: str) -> tuple[Remedy, ...]:
    if not parts or not title:
        return ()
    first, *others = parts
    return (Remedy("replace", first.location, first.text, tuple(others), GROUP, title),)


class _Writing:
    """A Dim as torch wants it, with what the file calls the others."""

    def __init__(
        self, source: Source, told: dict[str, str], entries: Sequence[ShapeEntry], name: str
    ) -> None:
        self._source = source
        self._told = told
        self._entries = entries
        self._name = name

    def text(self) -> str | None:
        """ "None" for a constant; None if it cannot be written."""
        node = self._of(self._name, frozenset())
        if node is None:
            return None
        if isinstance(node, ast.Constant):
            return "None"
        return ast.unparse(node).replace("'", '"')

    def _of(self, name: str, outer: frozenset[str]) -> ast.expr | None:
        if name in self._told and name not in outer:
            try:
                wanted = ast.parse(self._told[name], mode="eval").body
            except SyntaxError:
                return None
            return self._named(wanted, outer | {name})
        for entry in self._entries:
            if entry.name == name:
                return self._source.expression_at(entry.location)
        return None

    def _named(self, node: ast.expr, outer: frozenset[str]) -> ast.expr | None:
        if isinstance(node, ast.Call):
            node.func = ast.parse(dim_class_name(self._source), mode="eval").body
            return node
        if isinstance(node, ast.Name):
            return self._of(node.id, outer)
        if isinstance(node, ast.BinOp):
            left, right = (self._named(side, outer) for side in (node.left, node.right))
            return None if left is None or right is None else ast.BinOp(left, node.op, right)
        return node


def widen_range(entry: ShapeEntry, workspace: Workspace) -> tuple[Remedy, ...]:
    """A range that has the example's size."""
    source = workspace.source(entry.location.file)
    place = dim_definition(source, entry.location) if source is not None else entry.location
    made = source.expression_at(place) if source is not None else None
    if source is None or not isinstance(made, ast.Call) or entry.size is None:
        return ()
    for bound in made.keywords:
        value = getattr(bound.value, "value", None)
        if isinstance(value, int) and (
            (bound.arg == "min" and entry.size < value)
            or (bound.arg == "max" and entry.size > value)
        ):
            return (
                Remedy("replace", source.location_of(bound.value), str(entry.size), group=GROUP),
            )
    return ()
