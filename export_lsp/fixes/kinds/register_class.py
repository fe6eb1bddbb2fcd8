"""`register-class`: tell torch what a class of the user's is made of, after its definition.

Of the remedy, `location` is the class and `text` its name; ``"dataclass": "yes"`` in its `data`
says that it is one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.class_syntax import CONSTRUCTOR, method
from export_lsp.fixes.placement.after_definition import after
from export_lsp.fixes.torch_name import with_torch
from export_lsp.protocol import Remedy


def candidates(remedy: Remedy, sources: Sources) -> Iterator[Candidate]:
    source = sources[remedy.location.file]
    node = source.statement_at(remedy.location)
    if not isinstance(node, ast.ClassDef):
        return
    if remedy.data.get("dataclass"):
        lines = [f"torch.export.register_dataclass({node.name})"]
        title = f"Register the class: `{lines[0]}`"
    else:
        lines = _pytree(node)
        title = f"Register `{node.name}` with `torch.utils._pytree.register_pytree_node`"
    written = with_torch(source, remedy.location, "\n".join(lines)) if lines else None
    if written is not None:
        code, imports = written
        edits = after(source, node, code.split("\n"))
        if edits is not None:
            yield Candidate(title, (*imports, *edits))


def _pytree(node: ast.ClassDef) -> list[str]:
    """A class whose constructor keeps what it is given; empty if it does anything else."""
    names = _kept(node)
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


def _kept(node: ast.ClassDef) -> list[str]:
    """The parameters of the constructor, if it does nothing but keep them under their names."""
    constructor = method(node, CONSTRUCTOR)
    if constructor is None:
        return []
    args = constructor.args
    plain = not (args.vararg or args.kwarg or args.kwonlyargs or args.posonlyargs)
    names = [each.arg for each in args.args[1:]]
    wanted = {f"{args.args[0].arg}.{name} = {name}" for name in names}
    return names if plain and {ast.unparse(each) for each in constructor.body} == wanted else []
