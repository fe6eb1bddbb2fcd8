"""What ``run_decompositions`` looks up anew for every namespace, looked up once a call.

It asks the dispatcher for all composite operators some fifty times, which is most of the time that
decomposing a small model takes.  No operator is registered in the meantime.

Seen in torch 2.13 (``torch._export.utils._materialize_cpp_cia_ops``); where it is missing,
decomposing takes longer.
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
    """Within, one `run_decompositions` looks for new operators once."""
    materialize = getattr(torch._export.utils, NAME, None)
    if materialize is None:
        yield
        return
    with mock.patch.object(torch._export.utils, NAME, functools.cache(materialize)):
        yield
