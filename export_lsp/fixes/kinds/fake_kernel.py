"""`fake-kernel`: what a custom operator gives, for those who trace without data.

Of the remedy, `location` is the function of the real kernel and `text` the operator's full name.
The guess is the commonest one, a result like one of the tensors; the trial compares it with the
real kernel.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.placement.after_definition import after
from export_lsp.fixes.torch_name import with_torch
from export_lsp.protocol import Remedy

GROUP = "the fake kernel"
TENSOR = "Tensor"


def candidates(remedy: Remedy, sources: Sources) -> Iterator[Candidate]:
    source = sources[remedy.location.file]
    node = source.statement_at(remedy.location)
    if not isinstance(node, ast.FunctionDef) or node.args.vararg or node.args.kwarg:
        return
    names = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    decorator = (
        f"@{node.name}.register_fake"
        if any("custom_op" in ast.unparse(each) for each in node.decorator_list)
        else f'@torch.library.register_fake("{remedy.text}")'
    )
    for result in _results(node):
        lines = [decorator, f"def _({', '.join(names)}):", f"    return {result}"]
        written = with_torch(source, remedy.location, "\n".join(lines))
        edits = after(source, node, written[0].split("\n")) if written is not None else None
        if written is not None and edits is not None:
            title = f"Register a fake kernel for `{remedy.text}` that gives `{result}`"
            yield Candidate(title, (*written[1], *edits), group=GROUP)


def _results(node: ast.FunctionDef) -> Iterator[str]:
    """What the operator may give, by its annotations."""
    args = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    tensors = [
        arg.arg
        for arg in args
        if arg.annotation is None or ast.unparse(arg.annotation).endswith(TENSOR)
    ]
    returns = node.returns
    count = 1
    if isinstance(returns, ast.Subscript) and isinstance(returns.slice, ast.Tuple):
        count = len(returns.slice.elts)
    for name in tensors:
        yield ", ".join([f"torch.empty_like({name})"] * count)
    for name in tensors if count == 1 else ():
        yield f"{name}.new_empty({name}.shape[:-1])"
