"""`register-class`: register a class of the user's as a pytree node, after its definition.

Of the remedy, `location` is the class definition; ``"dataclass": "yes"`` in its `data` says that
it is a dataclass.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.class_syntax import CONSTRUCTOR, method
from export_lsp.fixes.placement.after_definition import insert_after
from export_lsp.fixes.torch_name import with_torch
from export_lsp.protocol import Remedy


def candidates(remedy: Remedy, sources: Sources) -> Iterator[Candidate]:
    """Yield the registration: of a dataclass, or of a class that only keeps its arguments."""
    source = sources[remedy.location.file]
    node = source.statement_at(remedy.location)
    if not isinstance(node, ast.ClassDef):
        return
    if remedy.data.get("dataclass"):
        lines = [f"torch.export.register_dataclass({node.name})"]
        title = f"Register the class: `{lines[0]}`"
    else:
        lines = _register_pytree_node(node)
        title = f"Register `{node.name}` with `torch.utils._pytree.register_pytree_node`"
    written = with_torch(source, remedy.location, "\n".join(lines)) if lines else None
    if written is not None:
        code, imports = written
        edits = insert_after(source, node, code.split("\n"))
        if edits is not None:
            yield Candidate(title, (*imports, *edits))


def _register_pytree_node(node: ast.ClassDef) -> list[str]:
    """Return the registration of a class that keeps its arguments; no lines for another class."""
    names = _kept_arguments(node)
    if not names:
        return []
    values = ", ".join(f"value.{name}" for name in names)
    return [
        "torch.utils._pytree.register_pytree_node(",
        f"    {node.name},",
        f"    lambda value: ([{values}], None),",
        f"    lambda parts, context: {node.name}(*parts),",
        f'    serialized_type_name="{node.name}",',
        "    flatten_with_keys_fn=lambda value: (",
        "        [",
        *(
            f'            (torch.utils._pytree.GetAttrKey("{name}"), value.{name}),'
            for name in names
        ),
        "        ],",
        "        None,",
        "    ),",
        ")",
    ]


def _kept_arguments(node: ast.ClassDef) -> list[str]:
    """Return the constructor's parameters if all it does is keep them under their names."""
    constructor = method(node, CONSTRUCTOR)
    if constructor is None:
        return []
    args = constructor.args
    plain = not (args.vararg or args.kwarg or args.kwonlyargs or args.posonlyargs)
    names = [each.arg for each in args.args[1:]]
    wanted = {f"{args.args[0].arg}.{name} = {name}" for name in names}
    return names if plain and {ast.unparse(each) for each in constructor.body} == wanted else []
