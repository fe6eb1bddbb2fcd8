"""Save and restore the attributes of a model's modules."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import torch

from export_lsp.worker.private import module_hooks


class ModelState:
    """The attributes of every submodule of a model, and the global module hooks, as they are now.

    Values of attributes are kept by reference: changes in place are not undone, except to the
    modules' own tables of parameters, buffers, submodules and hooks.
    """

    def __init__(self, model: torch.nn.Module) -> None:
        self._hooks = module_hooks.registered_hooks()
        self._kept = [(module, _copied(module.__dict__)) for module in model.modules()]

    def restore(self) -> None:
        """Restore the attributes and the hooks; may be called more than once."""
        for module, attributes in self._kept:
            module.__dict__.clear()
            module.__dict__.update(_copied(attributes))
        module_hooks.restore_hooks(self._hooks)


def _copied(attributes: dict[str, Any]) -> dict[str, Any]:
    """Copy a module's attributes, and those among them that are tables of the module's."""
    return {
        name: value.copy() if name.startswith("_") and isinstance(value, dict) else value
        for name, value in attributes.items()
    }


@contextlib.contextmanager
def state_restored(model: torch.nn.Module) -> Iterator[ModelState]:
    """Context manager that saves the state of a model, and restores it on exit."""
    state = ModelState(model)
    try:
        yield state
    finally:
        state.restore()
