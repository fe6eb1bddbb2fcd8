"""The top level of a file: the statements that an import runs, and the models among them.

Loaded by server and worker, so that it needs nothing but the standard library, as `protocol` does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

# Public classes that derive from ``nn.Module`` and that models derive from.
MODULE_BASES = frozenset({"Module", "Sequential", "LightningModule", "PreTrainedModel"})


def statements(tree: ast.Module) -> Iterator[ast.stmt]:
    """Yield the module-level statements that an import may run, in order, blocks included.

    The body of ``if __name__ == "__main__":`` is left out.
    """
    stack: list[ast.stmt] = list(reversed(tree.body))
    while stack:
        statement = stack.pop()
        yield statement
        for block in reversed(_blocks(statement)):
            stack.extend(reversed(block))


def _blocks(statement: ast.stmt) -> list[list[ast.stmt]]:
    """Return the blocks that a statement runs in the module's own scope."""
    if isinstance(statement, ast.With):
        return [statement.body]
    if isinstance(statement, ast.If):
        return [[] if asks_for_main(statement.test) else statement.body, statement.orelse]
    if isinstance(statement, ast.Try):
        handlers = [handler.body for handler in statement.handlers]
        return [statement.body, *handlers, statement.orelse, statement.finalbody]
    return []


def asks_for_main(test: ast.expr) -> bool:
    """Return whether an expression is ``__name__ == "__main__"``, which is false in an import."""
    return ast.unparse(test) in ("__name__ == '__main__'", "'__main__' == __name__")


def module_classes(tree: ast.Module) -> list[ast.ClassDef]:
    """Return the top-level classes that derive from ``nn.Module`` by the names of their bases.

    The last one tends to be the whole model.
    """
    found: list[ast.ClassDef] = []
    for statement in statements(tree):
        if not isinstance(statement, ast.ClassDef):
            continue
        known = {definition.name for definition in found}
        for base in statement.bases:
            name = base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "")
            if name in MODULE_BASES or name in known:
                found.append(statement)
                break
    return found
