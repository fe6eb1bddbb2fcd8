"""torch's exception classes, grouped by their meaning.

Each group is a tuple for ``isinstance``.  Seen in torch 2.6 to 2.13.  A class that a version does
not have matches nothing: its failures are explained with torch's own text.
"""

from __future__ import annotations

import errno
import importlib
import re
from collections.abc import Iterable

import torch

from export_lsp.worker.text.exception_text import text_of

Kinds = tuple[type[BaseException], ...]


def _named(module: str, *names: str) -> Kinds:
    try:
        home = importlib.import_module(module)
    except ImportError:
        return ()
    found = [getattr(home, name, None) for name in names]
    return tuple(kind for kind in found if isinstance(kind, type))


SHAPES = "torch.fx.experimental.symbolic_shapes"
FAKE = "torch._subclasses.fake_tensor"
DYNAMO = "torch._dynamo.exc"

DATA_DEPENDENT_GUARD = _named(SHAPES, "GuardOnDataDependentSymNode")
CONSTRAINT_VIOLATION = _named(SHAPES, "ConstraintViolationError")
PENDING_UNBACKED = _named(SHAPES, "PendingUnbackedSymbolNotFound")
DATA_DEPENDENT_OUTPUT = _named(FAKE, "DataDependentOutputException")
DYNAMIC_OUTPUT = _named(FAKE, "DynamicOutputShapeException")
UNSUPPORTED_OPERATOR = _named(FAKE, "UnsupportedOperatorException")
UNSUPPORTED_TENSOR = _named(FAKE, "UnsupportedFakeTensorException")
DEVICE_MISMATCH = _named(FAKE, "FakeTensorDeviceMismatchError")
USER_ERROR = _named(DYNAMO, "UserError")
GRAPH_BREAK = _named(DYNAMO, "Unsupported")
OBSERVED = _named(DYNAMO, "ObservedException")
DYNAMO_ERROR = _named(DYNAMO, "TorchDynamoException")
HIGHER_ORDER = _named(DYNAMO, "UncapturedHigherOrderOpError")
TORCH_RUNTIME = _named(DYNAMO, "TorchRuntimeError")
VERIFIER = _named("torch._export.verifier", "SpecViolationError")
GPU_MEMORY = _named("torch", "OutOfMemoryError")
MEMORY: Kinds = (MemoryError, *GPU_MEMORY)

# Parts of the texts of operators whose operands do not fit together.
CLASH = re.compile(r"must match the size|invalid for input of size|cannot be multiplied|Sizes of")

# Parts of the texts of exceptions that are raised without a CUDA device.
NO_CUDA = (
    "Torch not compiled with CUDA",
    "Found no NVIDIA driver",
    "CUDA driver version is insufficient",
    "not linked with support",
    "Cannot access accelerator device when none is available",
    "Cannot get CUDA generator",
)

# How torch names an output of the model.
OUTPUT = re.compile(r"\b(?:at|in) output\b|one of the outputs")

# What torch says first in a fork of a process that has asked for devices, if there are any or not.
IN_FORK = "Cannot re-initialize CUDA in forked subprocess"

# Part of the text of ``torch.fx.experimental.proxy_tensor`` about a symbol that no node has made.
UNTRACKED = "is not tracked with proxy"

# What to say of code that needs the device.
CUDA_MISSING = "This machine has no CUDA device."
WHERE_CUDA = "Check the file on a machine with a GPU."


def wants_cuda(text: str) -> bool:
    """Return whether an exception's text says that there is no CUDA device."""
    if IN_FORK in text:
        return not torch.cuda.is_available()
    return any(words in text for words in NO_CUDA)


def is_internal(error: BaseException) -> bool:
    """Return whether an exception is one that torch raises if its own bookkeeping does not fit.

    An assertion about an output is left out: it reports a type that torch cannot export.
    """
    text = text_of(error)
    if type(error) in (AssertionError, KeyError):
        return OUTPUT.search(text) is None
    return "Runtime assertion failed" in text


def out_of_memory(error: BaseException) -> bool:
    """Return whether an exception is a lack of memory.

    torch's allocator for the CPU raises a RuntimeError, `mmap` and `os.fork` an OSError.
    """
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    return isinstance(error, MEMORY) or "can't allocate memory" in text_of(error)


def do_sizes_clash(error: BaseException) -> bool:
    """Return whether an operator has raised because the sizes of its operands do not match."""
    return isinstance(error, RuntimeError) and CLASH.search(text_of(error)) is not None


def find(links: Iterable[BaseException], kinds: Kinds) -> BaseException | None:
    """Return the first exception of one of the kinds; None if there is none."""
    return next((link for link in links if isinstance(link, kinds)), None)


def is_untracked(error: BaseException) -> bool:
    """Return whether torch met a symbol in a graph whose node the trace does not have."""
    return UNTRACKED in text_of(error)
