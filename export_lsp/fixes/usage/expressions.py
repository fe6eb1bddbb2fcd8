"""Writes an expression of one place so that it can be evaluated at another.

Names become what they are bound to.  What is left are literals, torch's functions, the classes
that are imported, and Python's own functions: nothing that reads files, or knows a device.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Sequence
from pathlib import Path

from export_lsp.fixes.example_inputs.import_effects import only_defines
from export_lsp.fixes.usage import options
from export_lsp.fixes.usage.origins import Origin, Origins
from export_lsp.fixes.usage.project import Project, imports_of, last_name
from export_lsp.fixes.usage.samples import KNOWN_DATASETS, WITH_SAME_ITEMS, known_sample
from export_lsp.fixes.usage.scopes import Each, Scope
from export_lsp.fixes.usage.tensors import batch_of, item_of, stacked

DEPTH = 12
LONGEST = 400

BUILTINS = frozenset(
    (
        *("int", "float", "bool", "str", "tuple", "list", "dict", "set", "range", "len", "max"),
        *("min", "sum", "abs", "round", "slice", "Ellipsis"),
    )
)
# Functions of torch that do more than make a value.
EFFECTS = frozenset(("load", "save", "compile", "export", "manual_seed", "set_default_device"))
# Libraries whose functions make values.
LIBRARIES = ("torch", "numpy")

_FOLDED: dict[type[ast.operator], Callable[[int, int], int]] = {
    ast.Add: int.__add__,
    ast.Sub: int.__sub__,
    ast.Mult: int.__mul__,
    ast.FloorDiv: int.__floordiv__,
}


class Writer:
    """Writes expressions for the top level of a file of the project.

    Attributes:
        imports: The statements that the written expressions need, by the name that each binds.
    """

    def __init__(self, project: Project, file: str) -> None:
        self._project = project
        self._file = file
        self._origins = Origins(project)
        self.imports: dict[str, str] = {}

    def write(self, start: Origin) -> ast.expr | None:
        """Return the expression; None if it depends on what only a run knows."""
        found = self._whole(start, DEPTH)
        return found if found is not None and len(ast.unparse(found)) <= LONGEST else None

    def write_call(self, made: Origin, name: str) -> ast.Call | None:
        """Return the call that makes a model; None if its arguments are known only to a run.

        `name` is that of the class in its own file.
        """
        assert isinstance(made.node, ast.Call)
        args = self._all(made.node.args, made, DEPTH)
        keywords = self._keywords(made.node, made, DEPTH)
        if args is None or keywords is None:
            return None
        call = ast.Call(ast.Name(name, ast.Load()), args, keywords)
        return call if len(ast.unparse(call)) <= LONGEST else None

    def _whole(self, start: Origin, depth: int) -> ast.expr | None:
        if not depth:
            return None
        here = self._origins.of(start)
        if here.path:
            return self._part(here, depth)
        return self._rebuilt(here, depth)

    def _all(self, nodes: Sequence[ast.expr], here: Origin, depth: int) -> list[ast.expr] | None:
        """Write several expressions, starred ones as the items that they stand for."""
        found: list[ast.expr] = []
        for node in nodes:
            starred = isinstance(node, ast.Starred)
            inner = node.value if isinstance(node, ast.Starred) else node
            written = self._whole(here.at(inner), depth - 1)
            if written is None:
                return None
            if starred and isinstance(written, (ast.Tuple, ast.List)):
                found += written.elts
            else:
                found.append(ast.Starred(written, ast.Load()) if starred else written)
        return found

    # --- parts ---------------------------------------------------------------------------------

    def _part(self, here: Origin, depth: int) -> ast.expr | None:
        """Write a part of a value that is no literal."""
        node, (first, *rest) = here.node, here.path
        loader = node if isinstance(first, Each) and isinstance(node, ast.Call) else None
        if loader is not None and last_name(loader.func).endswith("DataLoader"):
            dataset = argument_of(loader, 0, "dataset")
            return self._batch(here.at(dataset, *rest), depth) if dataset is not None else None
        if isinstance(first, str):
            return self._entry(here, depth)
        if isinstance(first, Each) or not rest:
            whole = self._whole(here.at(node), depth - 1)
            return item_of(whole) if whole is not None and _is_tensor(whole) else None
        return None

    def _entry(self, here: Origin, depth: int) -> ast.expr | None:
        """Write an entry of a configuration, or an item of what a tokenizer returns."""
        keys = [each for each in here.path if isinstance(each, str)]
        if len(keys) == len(here.path):
            found = options.configured(keys, self._project, here.place.scope.module)
            if found is not None:
                return found
        tokens = self._tokens(here, keys[0], depth)
        for position in here.path[1:]:
            tokens = item_of(tokens) if tokens is not None and position == 0 else None
        return tokens

    def _batch(self, dataset: Origin, depth: int) -> ast.expr | None:
        """Write the part of a batch of a dataset that a path leads to."""
        here = self._origins.of(Origin(dataset.node, dataset.place))
        path, node = dataset.path, here.node
        if not isinstance(node, ast.Call) or not depth:
            return None
        name = last_name(node.func)
        if name in WITH_SAME_ITEMS and node.args:
            inner = here.at(node.args[0], *path)
            return self._batch(inner, depth - 1)
        first = path[0] if path and isinstance(path[0], int) else None
        if name == "TensorDataset" and first is not None and first < len(node.args):
            whole = self._whole(here.at(node.args[first]), depth - 1)
            return batch_of(whole) if whole is not None else None
        if name in KNOWN_DATASETS and first is not None:
            return known_sample(node, first, here.place.scope.module)
        kind = self._project.class_at(node.func, here.place.scope)
        return self._items(kind, here, dataset, depth) if kind is not None else None

    def _items(self, kind: Scope, made: Origin, dataset: Origin, depth: int) -> ast.expr | None:
        """Write the part of a batch of the items that a dataset of the project's own returns."""
        for name in ("__getitem__", "__iter__"):
            method = kind.inner.get(name)
            for value in method.returned if method is not None else ():
                assert method is not None
                assert isinstance(made.node, ast.Call)
                place = type(made.place)(method, value.lineno + 1, (made.node, made.place))
                item = self._whole(Origin(value, place, dataset.path), depth - 1)
                if item is not None:
                    return stacked(item)
        return None

    def _tokens(self, here: Origin, key: str, depth: int) -> ast.expr | None:
        """Write what a tokenizer returns under a key, from the length that it is called with."""
        node = here.node
        if not isinstance(node, ast.Call) or "token" not in ast.unparse(node.func).lower():
            return None
        given = argument_of(node, None, "max_length")
        length = self._whole(here.at(given), depth - 1) if given is not None else None
        known = length.value if isinstance(length, ast.Constant) else None
        size = known if isinstance(known, int) else 16
        texts = {
            "input_ids": f"torch.randint(0, 8, (2, {size}))",
            "token_type_ids": f"torch.zeros(2, {size}, dtype=torch.long)",
            "attention_mask": f"torch.ones(2, {size}, dtype=torch.long)",
        }
        return ast.parse(texts[key], mode="eval").body if key in texts else None

    # --- whole expressions ---------------------------------------------------------------------

    def _rebuilt(self, here: Origin, depth: int) -> ast.expr | None:
        node = here.node
        if isinstance(node, ast.Constant):
            return node
        if isinstance(node, ast.Name):
            return self._known_name(node, here)
        if isinstance(node, (ast.Tuple, ast.List)):
            items = self._all(node.elts, here, depth)
            return type(node)(items, ast.Load()) if items is not None else None
        if isinstance(node, ast.Dict):
            return self._dict(node, here, depth)
        if isinstance(node, ast.UnaryOp):
            operand = self._whole(here.at(node.operand), depth - 1)
            return ast.UnaryOp(node.op, operand) if operand is not None else None
        if isinstance(node, ast.BinOp):
            return self._operation(node, here, depth)
        if isinstance(node, ast.Subscript):
            return self._subscript(node, here, depth)
        if isinstance(node, ast.Attribute):
            return self._attribute(node, here, depth)
        return self._call(node, here, depth) if isinstance(node, ast.Call) else None

    def _known_name(self, node: ast.Name, here: Origin) -> ast.expr | None:
        """Write a name that is bound by an import, by Python, or by the file itself."""
        module = here.place.scope.module
        if node.id in module.inner:
            return node if self._may_import(module, node.id) else None
        imported = imports_of(module).get(node.id)
        own = self._project.files.get(self._file)
        if imported is not None and own is not None and node.id == imported.name in own.inner:
            return node  # the file defines it itself
        if imported is not None:
            if not self._may_import_from(module, imported.module):
                return None
            self.imports[node.id] = imported.line
            return node
        return node if node.id in BUILTINS and hasattr(builtins, node.id) else None

    def _may_import(self, module: Scope, name: str) -> bool:
        """Note the import of a name from a file of the project, if it can be imported from it."""
        path = Path(module.source.path)
        if module.source.path == self._file:
            return True
        tree = module.source.tree
        if path.parent != Path(self._file).parent or tree is None or not only_defines(tree):
            return False
        self.imports[name] = f"from {path.stem} import {name}"
        return not (path.parent / "__init__.py").exists()

    def _may_import_from(self, module: Scope, origin: str) -> bool:
        """Return whether importing from a module of the project runs no script."""
        stem = origin.rpartition(".")[2]
        for file, scope in self._project.files.items():
            if stem and file.endswith(f"/{stem}.py") and scope is not module:
                tree = scope.source.tree
                return tree is not None and only_defines(tree)
        return True

    def _dict(self, node: ast.Dict, here: Origin, depth: int) -> ast.expr | None:
        if any(key is None for key in node.keys):
            return None
        keys = self._all([key for key in node.keys if key is not None], here, depth)
        values = self._all(node.values, here, depth)
        if keys is None or values is None:
            return None
        return ast.Dict(list(keys), values)

    def _operation(self, node: ast.BinOp, here: Origin, depth: int) -> ast.expr | None:
        both = self._all([node.left, node.right], here, depth)
        if both is None:
            return None
        left, right = both
        if isinstance(left, ast.Constant) and isinstance(right, ast.Constant):
            fold = _FOLDED.get(type(node.op))
            if fold is not None and type(left.value) is type(right.value) is int and right.value:
                return ast.Constant(fold(left.value, right.value))
        return ast.BinOp(left, node.op, right)

    def _subscript(self, node: ast.Subscript, here: Origin, depth: int) -> ast.expr | None:
        value = self._whole(here.at(node.value), depth - 1)
        if value is None or not _is_tensor(value):
            return None
        if isinstance(node.slice, (ast.Name, ast.Attribute)):
            return item_of(value)
        literal = not any(isinstance(each, ast.Name) for each in ast.walk(node.slice))
        return ast.Subscript(value, node.slice, ast.Load()) if literal else None

    def _attribute(self, node: ast.Attribute, here: Origin, depth: int) -> ast.expr | None:
        root = _root(node)
        module = here.place.scope.module
        if root is not None and root in imports_of(module):
            imported = imports_of(module)[root]
            if not self._may_import_from(module, imported.module or imported.name):
                return None
            self.imports[root] = imported.line
            return node
        keys = _keys(node)
        if root in options.NAMES:
            found = options.configured(keys, self._project, module)
            if found is not None:
                return found
        return None

    def _call(self, node: ast.Call, here: Origin, depth: int) -> ast.expr | None:
        if last_name(node.func) == "get" and isinstance(node.func, ast.Attribute) and node.args:
            item = ast.Subscript(node.func.value, node.args[0], ast.Load())
            entry = self._whole(here.at(item), depth - 1)
            if entry is not None or len(node.args) == 1:
                return entry
            return self._whole(here.at(node.args[1]), depth - 1)
        if not self._may_call(node, here):
            return None
        function: ast.expr | None = node.func
        if isinstance(node.func, ast.Attribute) and not self._is_imported(node.func, here):
            owner = self._whole(here.at(node.func.value), depth - 1)
            if owner is None:
                return None
            function = ast.Attribute(owner, node.func.attr, ast.Load())
        else:
            function = self._rebuilt(here.at(node.func), depth)
        args = self._all(node.args, here, depth)
        keywords = self._keywords(node, here, depth)
        if function is None or args is None or keywords is None:
            return None
        return ast.Call(function, args, keywords)

    def _keywords(self, node: ast.Call, here: Origin, depth: int) -> list[ast.keyword] | None:
        found: list[ast.keyword] = []
        for keyword in node.keywords:
            if keyword.arg == "device":
                continue
            value = self._whole(here.at(keyword.value), depth - 1)
            if value is None:
                return None
            if keyword.arg is not None or not isinstance(value, ast.Dict):
                found.append(ast.keyword(keyword.arg, value))
                continue
            for key, entry in zip(value.keys, value.values, strict=True):
                if not isinstance(key, ast.Constant):
                    return None
                found.append(ast.keyword(str(key.value), entry))
        return found

    def _is_imported(self, function: ast.Attribute, here: Origin) -> bool:
        return _root(function) in imports_of(here.place.scope.module)

    def _may_call(self, node: ast.Call, here: Origin) -> bool:
        """Return whether a call makes a value and does nothing else, as far as its name tells."""
        name, root = last_name(node.func), _root(node.func)
        imported = imports_of(here.place.scope.module).get(root or "")
        if name.startswith("from_pretrained") or name in EFFECTS:
            return False
        if name[:1].isupper():
            return True
        if imported is not None:
            origin = imported.module or imported.name
            return origin.partition(".")[0] in LIBRARIES
        return isinstance(node.func, ast.Attribute) or name in BUILTINS


def argument_of(call: ast.Call, position: int | None, name: str) -> ast.expr | None:
    """Return an argument of a call by its name, or at its position if it has one."""
    given = next((keyword.value for keyword in call.keywords if keyword.arg == name), None)
    if given is None and position is not None and position < len(call.args):
        return call.args[position]
    return given


def _root(node: ast.expr) -> str | None:
    """Return the name that a dotted expression begins with; None for any other expression."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _keys(node: ast.expr) -> list[str]:
    """Return the attributes of a dotted expression."""
    keys: list[str] = []
    while isinstance(node, ast.Attribute):
        keys.insert(0, node.attr)
        node = node.value
    return keys


def _is_tensor(node: ast.expr) -> bool:
    """Return whether an expression calls torch, and so is likely a tensor."""
    return isinstance(node, ast.Call) and "torch" in ast.unparse(node.func)
