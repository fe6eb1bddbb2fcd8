"""Save and restore the attributes of a model's modules."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import torch

from export_lsp.worker.private import module_hooks


class ModelState:
    """The attributes of every submodule of a model, and the global module hooks, as they are now.

    Values of attributes are kept by reference: changes in place are not undone, except to private
    dicts, among them the modules' own tables of parameters, buffers, submodules and hooks.  These
    stay the same objects, as other code may hold them.  An instance of a subclass of dict has
    attributes and a state of its own, which none of its methods copies, and is left alone.
    """

    def __init__(self, model: torch.nn.Module) -> None:
        self._hooks = module_hooks.registered_hooks()
        self._kept: list[tuple[dict[Any, Any], dict[Any, Any]]] = []
        for module in model.modules():
            attributes = module.__dict__
            tables = [value for name, value in attributes.items() if _is_table(name, value)]
            self._kept += [(content, dict(content)) for content in (attributes, *tables)]

    def restore(self) -> None:
        """Restore the attributes and the hooks; may be called more than once."""
        for content, kept in self._kept:
            content.clear()
            content.update(kept)
        module_hooks.restore_hooks(self._hooks)


def _is_table(name: str, value: object) -> bool:
    return name.startswith("_") and type(value) in (dict, OrderedDict)


@contextlib.contextmanager
def state_restored(model: torch.nn.Module) -> Iterator[ModelState]:
    """Context manager that saves the state of a model, and restores it on exit."""
    state = ModelState(model)
    try:
        yield state
    finally:
        state.restore()
