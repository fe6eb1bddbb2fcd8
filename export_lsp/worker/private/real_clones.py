"""Dynamo's clones of the tensors that a model holds.

For an export Dynamo clones each real tensor that the code reads from the model, when it first reads
it.  Inside of ``torch.func.vmap`` and its like the clone fails, so that strict export does.  It
does not clone fake tensors.

Seen in torch 2.13 (``_dynamo.variables.builder._clone_input``).  Without it a model with fake
parameters that strict export refuses under ``torch.func`` has no finding.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any
from unittest import mock

import torch
from torch._dynamo import utils
from torch._dynamo.variables import builder
from torch._subclasses.fake_tensor import FakeTensor

_clone_input: Any = getattr(builder, "_clone_input", None)


@contextlib.contextmanager
def failing_as_real(tensors: Iterable[torch.Tensor]) -> Iterator[None]:
    """While active, Dynamo fails at fake ones of the tensors where it would fail at real ones."""
    fakes = {id(each): each for each in tensors if isinstance(each, FakeTensor) and each.is_leaf}

    def clone_input(value: Any, *args: Any) -> Any:
        fake = fakes.get(id(value))
        if fake is not None:
            # A real tensor without elements meets the same checks; its device is never absent.
            like = {"dtype": fake.dtype, "requires_grad": fake.requires_grad}
            utils.clone_input(torch.empty(0, device="cpu", **like))
        return _clone_input(value, *args)

    replaced = mock.patch.object(builder, "_clone_input", clone_input)
    with replaced if fakes and _clone_input is not None else contextlib.nullcontext():
        yield
