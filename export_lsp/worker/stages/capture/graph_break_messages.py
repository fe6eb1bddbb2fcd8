"""Messages for code that Dynamo cannot trace.

Tables hold messages for frequent graph breaks. For the hundreds of others the message is the first
sentence of Dynamo's explanation and the first of its hints, if they are meant for users. Texts seen
in torch 2.13.
"""

from __future__ import annotations

import re

from export_lsp.worker.stages.capture import operator_messages, untraced_calls
from export_lsp.worker.text import torch_text
from export_lsp.worker.text.sentences import Words, first_match, sentence, shortened

PART = r"^\s*{}: (.*?)(?=^\s*(?:Explanation|Hint|Developer debug context):|^ For more details|\Z)"
EXPLANATION = re.compile(PART.format("Explanation"), re.M | re.S)
HINT = re.compile(PART.format("Hint"), re.M | re.S)
RAISED = re.compile(r"got \w+\((['\"])(.*?)\1?\)?$")

# Explanations and hints for developers of Dynamo, and hints to run code in eager mode.
NOT_FOR_USERS = re.compile(
    r"(?:report|file|open|submit) an? (?:an )?issue|report (?:this|an)|tracing rules"
    r"|may be difficult|is fundamental|Dynamo bug|may result in an error when running in eager"
    r"|debug context|TORCH_LOGS|TORCHDYNAMO|fullgraph|Dynamo config"
    r"|torch\._dynamo|VariableTracker|as_proxy|\bproxy\b|mutation tracking|side effect|C slot"
    r"|\b(?:tp|nb|sq|mp)_\w+|(?-i:\w*Variable\b)|functorch|meta conversion|data pointer"
    r"|has no attribute '(?:node|constant|proxy|is_quantized)'|not supported on type type"
    r"|compiled? region|torch\.compile\b|Dynamo tracing|bytecode|currently not supported"
    r"|opaque object"
    r"|Dynamo does not really|https?://|dont_skip_tracing|pytorch/pytorch",
    re.I,
)
# Explanations that explain nothing.
EMPTY = ("Dynamo does not support this", "This is not supported", "Unsupported", "")

# The tracer of strict mode, by its own name.
TRACER = re.compile(r"\b(?:Torch)?Dynamo\b")
STRICT = re.compile(r"[Ss]trict mode")

# Dynamo's words for an exception in code that it traces, which eager mode does not raise.
OBSERVED = re.compile(r"raised exception (\w+)\((?:(['\"])(.*)\2)?\)\s*$", re.M)

SENTENCES = (
    *operator_messages.IN_BOTH_MODES,
    sentence(
        r"<function (?P<name>[\w.]+) at .*was wrapped with `torch\.compiler\.disable`",
        "`{name}` is wrapped with `torch.compiler.disable`",
        "remove that, or keep the call out of `forward`",
    ),
    sentence(
        r"User-inserted graph break",
        "`{expression}` stops the capture on purpose",
        "remove it",
    ),
    sentence(r"function `pack_padded_sequence`", *operator_messages.PACKED),
    sentence(
        r"builtin operator `(?:str|repr|format|print)`.*(?:Tensor|int)|Tensor repr requires",
        *operator_messages.FORMATTED,
    ),
    sentence(
        r"\brequires_grad_\(\).*functorch transform|pointer of Tensor that doesn't have storage",
        "`{expression}` reads a parameter or buffer inside a function that `torch.vmap` or"
        " `torch.func` transforms, which strict mode cannot trace unless it was read before",
        "read it before (`weight = self.weight`, `dict(module.named_parameters())`), or export in"
        " non-strict mode (`strict=False`)",
    ),
    sentence(
        r"returning intermediate with requires_grad_",
        "`{expression}` depends on `requires_grad_()` in `forward`, which strict mode does not"
        " export",
        "return it without its gradient (`.detach()`), or export in non-strict mode"
        " (`strict=False`)",
    ),
    sentence(
        r"support sparse [Tt]ensors?|sparse tensor creation|\bsparse_\w+_tensor\.?`",
        "`{expression}` needs a sparse tensor, which strict mode cannot trace",
        "export in non-strict mode (`strict=False`), or work on indices and values (`index_add`)",
    ),
    sentence(
        r"^(?P<make>\w*\.?(?:dict|OrderedDict))\((?P<argument>[\w.]+)\)\n.*values to unpack",
        "Strict mode cannot trace `{expression}`, since it takes the keys of `{argument}` for"
        " pairs",
        "write `{make}({argument}.items())`",
    ),
    sentence(
        r"RandomValueSource|`(?:<unknown module>\.)?Random\.\w+",
        "Strict mode cannot trace `{expression}`, which draws random Python numbers",
        "draw them with torch (`torch.rand`, `torch.randint`), or in `__init__`",
    ),
    sentence(
        r"generator=.*Generator|UserDefinedObjectVariable\(Generator\)|torch\.Generator[.(]",
        "Strict mode cannot trace `{expression}`: it cannot keep a `torch.Generator` in the graph",
        "use the default one",
    ),
    sentence(r"does not support copy\.deepcopy\(\) on tensors", *operator_messages.DEEPCOPY),
    sentence(r"only trace data pointer comparisons", *operator_messages.MEMORY),
    sentence(
        r"^(?P<head>class \w+)?.*Cannot trace class definition",
        "Strict mode cannot trace a class definition in `forward`",
        "define it at module level",
    ),
    sentence(
        r"enter a `(?P<kind>[^`]+)` context manager",
        "Strict mode cannot trace `with {expression}`, whose context manager is a `{kind}`",
        "keep it out of `forward`",
    ),
    sentence(
        r"setattr\(\) is not supported on type function",
        "Strict mode cannot set `{expression}`, an attribute of a function",
        "keep the value in a buffer or remove it",
    ),
    sentence(
        r"ops that return a non-Tensor",
        "The result of `{expression}` is not a tensor, so strict mode cannot keep it in the graph",
        "compute it outside of `forward`",
    ),
    sentence(
        r"Do not use `torch\.nn\.Parameter\(\)` with export",
        "`{expression}` makes a parameter while export traces",
        "create it in `__init__`",
    ),
    sentence(
        r"inplace view on a graph input",
        "`{expression}` changes the shape of an input, parameter or buffer in place, which"
        " strict mode cannot trace",
        "make a new tensor instead",
    ),
)

HIGHER_ORDER = (
    sentence(
        r"^(?:torch\.)?cond\(.*do not support aliasing|cond.*do not support aliasing",
        "A branch of `torch.cond` returns its input or a view of it",
        "return a copy (`.clone()`)",
    ),
    sentence(
        r"^(?:torch\.)?cond\(.*do not support input mutation",
        "A branch of `torch.cond` changes its input, or a buffer, in place",
        "use the out-of-place operation and return the new value",
    ),
    sentence(
        r"do not support aliasing",
        "The function given to `{expression}` returns its input or a view of it",
        "return a copy (`.clone()`)",
    ),
    sentence(
        r"do not support input mutation",
        "The function given to `{expression}` changes its input in place",
        "use the out-of-place operation",
    ),
    sentence(
        r"Unmatched output spec from torch\.cond branches",
        "The branches of `torch.cond` return different structures",
        "both have to return the same number of tensors, in the same containers",
    ),
    sentence(
        r"Expect(?:ed)? (?:branches|true_fn_output).*same|metadata.*differ|Unmatched .*outputs",
        "The branches of `torch.cond` return different tensors",
        "both have to give the same shapes, dtypes and devices",
    ),
    *SENTENCES,
)


_SIMPLER = "keep to tensor operations in the functions given to it"
_INSTEAD = f"write it in another way, or {untraced_calls.NON_STRICT}"


def dynamo_words(expression: str, text: str) -> Words:
    """Return the words for a graph break.

    Args:
        expression: the text of the failing expression.
        text: the whole text of Dynamo's exception.
    """
    why, hint = _explanation(text)
    return (
        first_match(SENTENCES, expression, text)
        or untraced_calls.untraced_call(expression, text)
        or _exception(expression, text)
        or (f"Strict mode cannot trace `{shortened(expression)}`{why}", hint or _INSTEAD)
    )


def higher_order_words(expression: str, text: str) -> Words:
    """Return the words for a failure in ``torch.cond`` and the like; see `dynamo_words`."""
    why, hint = _explanation(text)
    what = f"`{shortened(expression)}` cannot be captured{why}"
    what, advice = first_match(HIGHER_ORDER, expression, text) or (what, hint or _SIMPLER)
    # Both modes capture these functions in the way that strict mode captures a model.
    return STRICT.sub(_export, what), advice


def _export(strict: re.Match[str]) -> str:
    return "Export" if strict[0][0].isupper() else "export"


def _exception(expression: str, text: str) -> Words | None:
    """The words for an exception that Dynamo's own version of a function raises."""
    raised = OBSERVED.search(text)
    if raised is None:
        return None
    detail = f": {torch_text.first_sentence(raised[3])}" if raised[3] else ""
    return (
        f"`{shortened(expression)}` raises {raised[1]} when strict mode traces it, and not in"
        f" eager mode{detail}",
        _INSTEAD,
    )


def _explanation(text: str) -> Words:
    """Dynamo's explanation as ": explanation", and its hint; "" for one that is not for users."""
    explanation = EXPLANATION.search(text)
    why = explanation[1] if explanation else text.strip().partition("\n")[0]
    raised = RAISED.search(" ".join(why.split()))
    why = torch_text.first_sentence(raised[2] if raised else why)
    why = "" if why in EMPTY or NOT_FOR_USERS.search(why) else torch_text.without_symbols(why)
    hints = [torch_text.first_sentence(hint) for hint in HINT.findall(text)]
    hint = next((hint for hint in hints if hint and not NOT_FOR_USERS.search(hint)), "")
    why, hint = (TRACER.sub("strict mode", part) for part in (why, hint))
    return f": {why}" if why else "", hint
