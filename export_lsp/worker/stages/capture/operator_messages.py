"""Messages for operations that cannot run without data; torch's texts seen in torch 2.13."""

from __future__ import annotations

from export_lsp.worker.text.sentences import sentence

GRADIENT = (
    "`{expression}` computes a derivative, which export cannot trace",
    "compute it outside of `forward`, or make a graph of it in `__init__` with `make_fx`"
    " (`torch.fx.experimental.proxy_tensor`), and call that",
)
NESTED = (
    "`{expression}` makes a nested tensor, which export cannot trace",
    "work on a padded tensor and a mask",
)
FORMATTED = (
    "`{expression}` makes text of a tensor or a size, which have no values while export traces",
    "remove it or guard it with `if not torch.compiler.is_exporting():`",
)
DEEPCOPY = (
    "`{expression}` copies a tensor's memory, which does not exist while export traces",
    "use `.clone()`",
)
PACKED = (
    "Packed sequences need their lengths as numbers, which do not exist while export traces",
    "pad and mask instead",
)
MEMORY = (
    "`{expression}` needs the tensor's memory, which does not exist while export traces",
    "stay with tensor operations",
)

# What neither mode can trace. Of torch.func, ``jvp`` can be traced, but not in strict mode.
IN_BOTH_MODES = (
    sentence(r"`Tensor\.backward\(\)`|`torch\.autograd\.grad`|\bview functorch tensor", *GRADIENT),
    sentence(
        r"^[^\n]*\b(?:func|functorch|autograd|functional)\.(?:grad|jac|hess|v?jvp|vjp)", *GRADIENT
    ),
    sentence(r"^(?:grad|grad_and_value|jacrev|jacfwd|hessian|vjp|jvp)\(", *GRADIENT),
    sentence(r"'Tensor' object has no attribute 'constant'", *GRADIENT),
    sentence(
        r"^(?:torch\.)?nested\.|^nested_tensor|^as_nested_tensor|does not support strided Nested"
        r"|nested_tensor\w* does not support tracing",
        *NESTED,
    ),
)

SENTENCES = (
    *IN_BOTH_MODES,
    sentence(
        r"Only Tensors or scalars are supported as pytree flattened inputs, got:"
        r" <[^>]*?(?P<kind>\w+) object",
        "`{expression}` takes a `{kind}`, and its call signature is to be preserved, which"
        " allows tensors and numbers only",
        "leave it out of `preserve_module_call_signature`",
    ),
    sentence(r"unsupported format string passed to \w*(?:Tensor|Sym\w+)", *FORMATTED),
    sentence(
        r"argument 0 of type Sym\w+ which has no callable (?P<name>\w+) method",
        "`{expression}` computes with a size in numpy, which export cannot trace",
        "use Python's operators or tensor operations",
    ),
    sentence(
        r"^isinstance\((?P<size>.*), int\)\nassert|^isinstance\((?P<other>.*), int\)\n",
        "`{expression}` is false while export traces, where a size may be a `torch.SymInt`",
        "accept that class too",
    ),
    sentence(
        r"^torch\._check.*'function' object has no attribute",
        "`{expression}` has a message, with which strict mode cannot trace it",
        "leave it out",
    ),
    sentence(
        r"^torch\.(?:as_)?tensor\(.*data is not allocated yet",
        "`torch.tensor([…])` of tensors reads their values, which do not exist while export traces",
        "use `torch.stack([…])`",
    ),
    sentence(r"type must be tuple of ints,\s*but got FakeTensor", *PACKED),
    sentence(r"^copy\.deepcopy\(.*data pointer|^deepcopy\(.*data pointer", *DEEPCOPY),
    sentence(
        r"\.numpy\(\) is not supported|'numpy'|Cannot access data pointer"
        r"|data is not allocated yet",
        *MEMORY,
    ),
)
