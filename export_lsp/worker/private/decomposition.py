"""What ``run_decompositions`` does for every composite operator of torch, whatever the program has.

It asks the dispatcher for all composite operators some fifty times, once for every namespace
(``torch._export.utils._materialize_cpp_cia_ops``), although no operator is registered in the
meantime.  And for each of 500 operators it registers some twenty kernels
(``torch._ops.OperatorBase.py_impl``), each time evaluating the types in an annotation.  Together
that is most of the time it takes for a small model.

Seen in torch 2.13.  Without these decomposing takes longer.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

import torch._export.utils
from torch._C import DispatchKey
from torch._ops import OperatorBase

NAME = "_materialize_cpp_cia_ops"
REGISTER = "py_impl"

Kernel = Callable[..., Any]


@contextlib.contextmanager
def quick_registration() -> Iterator[None]:
    """Context manager in which composite operators are searched for once, and overridden faster."""
    with contextlib.ExitStack() as stack:
        materialize = getattr(torch._export.utils, NAME, None)
        if materialize is not None:
            once = functools.cache(materialize)
            stack.enter_context(mock.patch.object(torch._export.utils, NAME, once))
        register = getattr(OperatorBase, REGISTER, None)
        if register is not None:
            stack.enter_context(mock.patch.object(OperatorBase, REGISTER, _quick(register)))
        yield


def _quick(register: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that registers a kernel for a dispatch key as ``py_impl`` does.

    Whatever else can be registered, and a kernel that there is already, is left to `register`.
    """

    @functools.wraps(register)
    def py_impl(operator: Any, key: Any) -> Callable[[Kernel], Kernel]:
        kernels = operator.py_kernels
        if type(key) is not DispatchKey or key == DispatchKey.Python or key in kernels:
            other: Callable[[Kernel], Kernel] = register(operator, key)
            return other

        def inner(kernel: Kernel) -> Kernel:
            kernels[key] = kernel
            operator._dispatch_cache.clear()
            return kernel

        return inner

    return py_impl
