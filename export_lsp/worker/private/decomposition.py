"""``torch._export.utils._materialize_cpp_cia_ops``: the search for composite operators.

``run_decompositions`` asks the dispatcher for all composite operators some fifty times, once for
every namespace.  That is most of the time it takes for a small model, and no operator is registered
in the meantime.

Seen in torch 2.13.  Without it decomposing takes longer.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from unittest import mock

import torch._export.utils

NAME = "_materialize_cpp_cia_ops"


@contextlib.contextmanager
def cached_operator_lookup() -> Iterator[None]:
    """Context manager in which composite operators are searched for once."""
    materialize = getattr(torch._export.utils, NAME, None)
    if materialize is None:
        yield
        return
    with mock.patch.object(torch._export.utils, NAME, functools.cache(materialize)):
        yield
