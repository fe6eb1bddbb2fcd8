"""Public names of functions that torch and Python define under internal ones.

Dynamo names a function by its module and its qualified name: ``torch.sparse_coo_tensor`` is
"torch._VariableFunctionsClass.sparse_coo_tensor", ``os.getpid`` is "posix.getpid".  The names were
seen in torch 2.6 to 2.13 with Python 3.10 to 3.13.
"""

from __future__ import annotations

import re
import sys

PUBLIC: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\btorch\.(?:_C\.)?_VariableFunctions(?:Class)?\."), "torch."),
    (re.compile(r"\btorch\._C\._nn\."), "torch.nn.functional."),
    (re.compile(r"\btorch\._C\._(fft|linalg|special|nested|sparse)\._?(?:\1_)?"), r"torch.\1."),
    (re.compile(r"\btorch\.(?:_C\._?TensorBase|_tensor\.Tensor)\b"), "torch.Tensor"),
    (re.compile(r"\btorch\._C\.(?=[A-Z])"), "torch."),
    (re.compile(r"\btorch\._ops\.(?=\w+\.)"), "torch.ops."),
    (re.compile(r"\btorch\.functional\."), "torch."),
    (re.compile(r"\btorch\.nn\.modules\.\w+\.(?=[A-Z])"), "torch.nn."),
    (re.compile(r"(?<![\w.])_hashlib\.(?:openssl_)?"), "hashlib."),
    (re.compile(r"(?<![\w.])_thread\."), "threading."),
    (re.compile(r"(?<![\w.])(?:posix|nt)\."), "os."),
    (re.compile(r"(?<![\w.])builtins\.(?=\w)"), ""),
    (re.compile(r"<unknown(?: module)?>\."), ""),
)

# A module in C that Python's own module of the same name wraps: `_pickle`, `_json`, `_io`.
WRAPPED = re.compile(r"(?<![\w.])_([a-z]\w*)(?=\.\w)")


def public_names(text: str) -> str:
    """Return a text in which functions have the names that users import them by."""
    for pattern, name in PUBLIC:
        text = pattern.sub(name, text)
    return WRAPPED.sub(_wrapping_module, text)


def _wrapping_module(match: re.Match[str]) -> str:
    return match[1] if match[1] in sys.stdlib_module_names else match[0]
