"""Messages for operations that cannot run without data; torch's texts seen in torch 2.13."""

from __future__ import annotations

from export_lsp.worker.text.sentences import sentence

GRADIENT = (
    "`{expression}` computes a gradient, which export does not trace; compute it outside of"
    " `forward`, or with `torch.func.grad`"
)
DEEPCOPY = (
    "`{expression}` copies a tensor's memory, which does not exist while export traces;"
    " use `.clone()`"
)
PACKED = (
    "Packed sequences need their lengths as numbers, which do not exist while export traces;"
    " pad and mask instead"
)
MEMORY = (
    "`{expression}` needs the tensor's memory, which does not exist while export traces;"
    " stay with tensor operations"
)

SENTENCES = (
    sentence(
        r"Only Tensors or scalars are supported as pytree flattened inputs, got:"
        r" <[^>]*?(?P<kind>\w+) object",
        "`{expression}` takes a `{kind}`, and its call signature is to be preserved, which allows"
        " tensors and numbers only; leave it out of `preserve_module_call_signature`",
    ),
    sentence(
        r"unsupported format string passed to \w*Tensor",
        "`{expression}` formats a tensor's value, which does not exist while export traces; remove"
        " it or guard it with `if not torch.compiler.is_exporting():`",
    ),
    sentence(
        r"^torch\.(?:as_)?tensor\(.*data is not allocated yet",
        "`torch.tensor([…])` of tensors reads their values, which do not exist while export"
        " traces; use `torch.stack([…])`",
    ),
    sentence(r"type must be tuple of ints,\s*but got FakeTensor", PACKED),
    sentence(r"^copy\.deepcopy\(.*data pointer|^deepcopy\(.*data pointer", DEEPCOPY),
    sentence(
        r"\.numpy\(\) is not supported|'numpy'|Cannot access data pointer"
        r"|data is not allocated yet",
        MEMORY,
    ),
)
