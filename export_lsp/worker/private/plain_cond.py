"""``torch.cond`` as plain Python: the branch that the predicate chooses is called.

In eager mode, too, ``torch.cond`` captures both functions with Dynamo, and raises for all that
export refuses.

Seen in torch 2.6 to 2.14.  Without ``torch.cond`` there is nothing to replace.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any
from unittest import mock

import torch


def plain_cond() -> contextlib.AbstractContextManager[Any]:
    """Context manager in which ``torch.cond`` captures nothing; its predicate needs a value."""
    if not hasattr(torch, "cond"):
        return contextlib.nullcontext()
    return mock.patch.object(torch, "cond", _chosen)


def _chosen(
    pred: Any,
    true_fn: Callable[..., Any],
    false_fn: Callable[..., Any],
    operands: Sequence[Any] = (),
) -> Any:
    return (true_fn if pred else false_fn)(*operands)
