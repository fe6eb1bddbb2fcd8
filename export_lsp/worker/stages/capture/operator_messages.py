"""Messages for operations that cannot run without data; torch's texts seen in torch 2.13."""

from __future__ import annotations

from export_lsp.worker.text.sentences import Words, row

GRADIENT = Words(
    "Derivative computed while tracing",
    "Export cannot trace a derivative.",
    "Compute it outside of `forward`, or make a graph of it in `__init__` with"
    " `torch.fx.experimental.proxy_tensor.make_fx`, and call that.",
)
NESTED = Words(
    "Nested tensor",
    "Export cannot trace what makes a nested tensor.",
    "Work on a padded tensor and a mask.",
)
FORMATTED = Words(
    "Text of a tensor or size",
    "Tensors and sizes have no values while export traces.",
    "Remove it or guard it with `if not torch.compiler.is_exporting():`.",
)
DEEPCOPY = Words(
    "Copy of a tensor's memory",
    "A tensor has no memory while export traces.",
    "Use `.clone()`.",
)
PACKED = Words(
    "Packed sequence",
    "It needs the lengths as numbers, which do not exist while export traces.",
    "Pad and mask instead.",
)
CHECKPOINT = Words(
    "Checkpointed call",
    "Strict mode cannot take gradient checkpointing into the program.",
    "Call the function itself, and keep the checkpoint for training only.",
)
MEMORY = Words(
    "Use of a tensor's memory",
    "A tensor has no memory while export traces.",
    "Stay with tensor operations.",
)
ATTRIBUTES = Words(
    "Attributes changed by `forward`",
    "This version of torch does not export a model in non-strict mode whose `forward` adds to its"
    " attributes, or replaces tensors in them.",
    "Keep such values in local variables, or in buffers that are changed in place (`copy_`).",
)

# What neither mode can trace. Of torch.func, ``jvp`` can be traced, but not in strict mode.
IN_BOTH_MODES = (
    row(r"`Tensor\.backward\(\)`|`torch\.autograd\.grad`|\bview functorch tensor", GRADIENT),
    row(r"^[^\n]*\b(?:func|functorch|autograd|functional)\.(?:grad|jac|hess|v?jvp|vjp)", GRADIENT),
    row(r"^(?:grad|grad_and_value|jacrev|jacfwd|hessian|vjp|jvp)\(", GRADIENT),
    row(r"'Tensor' object has no attribute 'constant'", GRADIENT),
    row(
        r"^(?:torch\.)?nested\.|^nested_tensor|^as_nested_tensor|does not support strided Nested"
        r"|nested_tensor\w* does not support tracing",
        NESTED,
    ),
)

ROWS = (
    *IN_BOTH_MODES,
    row(
        r"Only Tensors or scalars are supported as pytree flattened inputs, got:"
        r" <[^>]*?(?P<kind>\w+) object",
        Words(
            "Signature that cannot be preserved",
            "The call takes a `{kind}`, and a call signature that is preserved allows tensors and"
            " numbers only.",
            "Leave it out of `preserve_module_call_signature`.",
        ),
    ),
    row(
        r"Node arity mismatch; expected|attrs were created in the model\.forward"
        r"|tensor attributes? [^\n]* (?:was|were) assigned during export",
        ATTRIBUTES,
    ),
    row(r"unsupported format string passed to \w*(?:Tensor|Sym\w+)", FORMATTED),
    row(
        r"argument 0 of type Sym\w+ which has no callable (?P<name>\w+) method",
        Words(
            "Size computed with numpy",
            "Export cannot trace numpy's functions of a size.",
            "Use Python's operators or tensor operations.",
        ),
    ),
    row(
        r"^isinstance\((?P<size>.*), int\)\nassert|^isinstance\((?P<other>.*), int\)\n",
        Words(
            "Size that is no `int`",
            "It is false while export traces, where a size may be a `torch.SymInt`.",
            "Accept that class too.",
        ),
    ),
    row(
        r"^torch\._check.*'function' object has no attribute",
        Words(
            "Check with a message",
            "Strict mode cannot trace `torch._check` with a message.",
            "Leave the message out.",
        ),
    ),
    row(
        r"^torch\.(?:as_)?tensor\(.*data is not allocated yet",
        Words(
            "Tensor made of tensors' values",
            "It reads the values of tensors, which do not exist while export traces.",
            "Use `torch.stack`.",
        ),
    ),
    row(r"type must be tuple of ints,\s*but got FakeTensor", PACKED),
    row(r"\b_checkpoint_context_fn\b", CHECKPOINT),
    row(r"^copy\.deepcopy\(.*data pointer|^deepcopy\(.*data pointer", DEEPCOPY),
    row(
        r"\.numpy\(\) is not supported|'numpy'|Cannot access data pointer"
        r"|data is not allocated yet",
        MEMORY,
    ),
)
