"""`fake-kernel`: register a fake kernel for a custom operator, after its real kernel.

Of the remedy, `location` is the function of the real kernel and `text` the operator's full name.
What the fake kernel returns is guessed: most operators return a tensor like one of their inputs.
The trial compares it with the real kernel.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from export_lsp.fixes.candidate import Candidate, Sources
from export_lsp.fixes.placement.after_definition import insert_after
from export_lsp.fixes.torch_name import with_torch
from export_lsp.protocol import Remedy

GROUP = "the fake kernel"
TENSOR = "Tensor"


def candidates(remedy: Remedy, sources: Sources) -> Iterator[Candidate]:
    """Yield fake kernels that differ in what they return."""
    source = sources[remedy.location.file]
    node = source.statement_at(remedy.location)
    if not isinstance(node, ast.FunctionDef) or node.args.vararg or node.args.kwarg:
        return
    names = [arg.arg for arg in _arguments(node)]
    decorator = (
        f"@{node.name}.register_fake"
        if any("custom_op" in ast.unparse(each) for each in node.decorator_list)
        else f'@torch.library.register_fake("{remedy.text}")'
    )
    for result in _results(node):
        lines = [decorator, f"def _({', '.join(names)}):", f"    return {result}"]
        written = with_torch(source, remedy.location, "\n".join(lines))
        if written is None:
            continue
        code, imports = written
        edits = insert_after(source, node, code.split("\n"))
        if edits is not None:
            title = f"Register a fake kernel for `{remedy.text}` that returns `{result}`"
            yield Candidate(title, (*imports, *edits), group=GROUP)


def _results(node: ast.FunctionDef) -> Iterator[str]:
    """Yield expressions that the operator may return, by its annotations."""
    tensors = [
        arg.arg
        for arg in _arguments(node)
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


def _arguments(node: ast.FunctionDef) -> list[ast.arg]:
    return [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
