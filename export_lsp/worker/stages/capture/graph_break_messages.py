"""Messages for code that Dynamo cannot trace.

Tables hold messages for frequent graph breaks. For the hundreds of others the message is the first
sentence of Dynamo's explanation and the first of its hints, if they are meant for users. Texts seen
in torch 2.13.
"""

from __future__ import annotations

import re
from dataclasses import replace

from export_lsp.worker.stages.capture import operator_messages, untraced_calls
from export_lsp.worker.text import torch_text
from export_lsp.worker.text.sentences import Words, first_match, row, sentence

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
# The title of a graph break that no table knows.
GENERAL = "Graph break"

# Examples in explanations and hints, whose names are not the user's.
EXAMPLE = re.compile(r"\s*\(e\.g\.[^()`]*(?:`[^`]*`[^()`]*)*\)|,? e\.g\. .*")
# Explanations that explain nothing.
EMPTY = ("Dynamo does not support this", "This is not supported", "Unsupported", "")

# The tracer of strict mode, by its own name.
TRACER = re.compile(r"\b(?:Torch)?Dynamo\b")
STRICT = re.compile(r"[Ss]trict mode")

# Dynamo's words for an exception in code that it traces, which eager mode does not raise.
OBSERVED = re.compile(r"raised exception (\w+)\((?:(['\"])(.*)\2)?\)\s*$", re.M)

ROWS = (
    *operator_messages.IN_BOTH_MODES,
    row(
        r"<function (?P<name>[\w.]+) at .*was wrapped with `torch\.compiler\.disable`",
        Words(
            "Call of a disabled function",
            "`{name}` is wrapped with `torch.compiler.disable`.",
            "Remove that, or keep the call out of `forward`.",
        ),
    ),
    row(
        r"User-inserted graph break",
        Words("Graph break on purpose", "It stops the capture of the model.", "Remove it."),
    ),
    row(r"function `pack_padded_sequence`", operator_messages.PACKED),
    row(
        r"builtin operator `(?:str|repr|format|print)`.*(?:Tensor|int)|Tensor repr requires",
        operator_messages.FORMATTED,
    ),
    row(
        r"\brequires_grad_\(\).*functorch transform|pointer of Tensor that doesn't have storage",
        Words(
            "Parameter read under a transform",
            "A function that `torch.vmap` or `torch.func` transforms reads a parameter or buffer,"
            " which strict mode cannot trace unless it was read before.",
            "Read it into a variable before the transform, or export in non-strict mode"
            " (`strict=False`).",
        ),
    ),
    row(
        r"returning intermediate with requires_grad_",
        Words(
            "Output that requires a gradient",
            "It depends on `requires_grad_()` in `forward`, which strict mode does not export.",
            "Return it without its gradient (`.detach()`), or export in non-strict mode"
            " (`strict=False`).",
        ),
    ),
    row(
        r"support sparse [Tt]ensors?|sparse tensor creation|\bsparse_\w+_tensor\.?`",
        Words(
            "Sparse tensor",
            "It needs a sparse tensor, which strict mode cannot trace.",
            "Export in non-strict mode (`strict=False`), or work on indices and values"
            " (`index_add`).",
        ),
    ),
    row(
        r"^(?P<make>\w*\.?(?:dict|OrderedDict))\((?P<argument>[\w.]+)\)\n.*values to unpack",
        Words(
            "Dict made of a dict",
            "Strict mode cannot trace it, since it takes the keys of `{argument}` for pairs.",
            "Write `{make}({argument}.items())`.",
        ),
    ),
    row(
        r"RandomValueSource|`(?:<unknown module>\.)?Random\.\w+",
        Words(
            "Random Python number",
            "Strict mode cannot trace Python's random numbers.",
            "Draw them with torch (`torch.rand`, `torch.randint`), or in `__init__`.",
        ),
    ),
    row(
        r"generator=.*Generator|UserDefinedObjectVariable\(Generator\)|torch\.Generator[.(]",
        Words(
            "Random number generator",
            "Strict mode cannot keep a `torch.Generator` in the graph.",
            "Use the default one.",
        ),
    ),
    row(r"does not support copy\.deepcopy\(\) on tensors", operator_messages.DEEPCOPY),
    row(r"only trace data pointer comparisons", operator_messages.MEMORY),
    row(
        r"^(?P<head>class \w+)?.*Cannot trace class definition",
        Words(
            "Class definition",
            "Strict mode cannot trace a class definition in `forward`.",
            "Define it at module level.",
        ),
    ),
    row(
        r"enter a `(?P<kind>[^`]+)` context manager",
        Words(
            "Untraceable context manager",
            "Strict mode cannot trace a `with` block whose context manager is a `{kind}`.",
            "Keep it out of `forward`.",
        ),
    ),
    row(
        r"setattr\(\) is not supported on type function",
        Words(
            "Attribute set on a function",
            "Strict mode cannot set an attribute of a function.",
            "Keep the value in a buffer or remove it.",
        ),
    ),
    row(
        r"ops that return a non-Tensor",
        Words(
            "Result that is not a tensor",
            "Strict mode keeps tensors only in the graph.",
            "Compute it outside of `forward`.",
        ),
    ),
    row(
        r"Do not use `torch\.nn\.Parameter\(\)` with export",
        Words(
            "Parameter made while tracing",
            "An exported program has the parameters that the model has before it is traced.",
            "Create it in `__init__`.",
        ),
    ),
    row(
        r"inplace view on a graph input",
        Words(
            "Shape changed in place",
            "It changes the shape of an input, parameter or buffer, which strict mode cannot"
            " trace.",
            "Make a new tensor instead.",
        ),
    ),
)

HIGHER_ORDER = (
    row(
        r"^(?:torch\.)?cond\(.*do not support aliasing|cond.*do not support aliasing",
        Words(
            "Branch that returns its input",
            "A branch of `torch.cond` returns its input or a view of it.",
            "Return a copy (`.clone()`).",
        ),
    ),
    row(
        r"^(?:torch\.)?cond\(.*do not support input mutation",
        Words(
            "Branch that changes its input",
            "A branch of `torch.cond` changes its input, or a buffer, in place.",
            "Use the out-of-place operation and return the new value.",
        ),
    ),
    row(
        r"do not support aliasing",
        Words(
            "Function that returns its input",
            "The function that is given to it returns its input or a view of it.",
            "Return a copy (`.clone()`).",
        ),
    ),
    row(
        r"do not support input mutation",
        Words(
            "Function that changes its input",
            "The function that is given to it changes its input in place.",
            "Use the out-of-place operation.",
        ),
    ),
    row(
        r"Unmatched output spec from torch\.cond branches",
        Words(
            "Branches of different structures",
            "The branches of `torch.cond` return different structures.",
            "Both have to return the same number of tensors, in the same containers.",
        ),
    ),
    row(
        r"Expect(?:ed)? (?:branches|true_fn_output).*same|metadata.*differ|Unmatched .*outputs",
        Words(
            "Branches of different tensors",
            "The branches of `torch.cond` return different tensors.",
            "Both have to give the same shapes, dtypes and devices.",
        ),
    ),
    *ROWS,
)


_SIMPLER = "Keep to tensor operations in the functions given to it."
_INSTEAD = f"Write it in another way, or {untraced_calls.NON_STRICT}."


def dynamo_words(expression: str, text: str) -> Words:
    """Return the words for a graph break.

    Args:
        expression: the text of the failing expression.
        text: the whole text of Dynamo's exception.
    """
    why, hint = _explanation(text)
    return (
        first_match(ROWS, expression, text)
        or untraced_calls.untraced_call(expression, text)
        or _exception(text)
        or Words(GENERAL, why or "Strict mode cannot trace it.", hint or _INSTEAD)
    )


def higher_order_words(expression: str, text: str) -> Words:
    """Return the words for a failure in ``torch.cond`` and the like; see `dynamo_words`."""
    why, hint = _explanation(text)
    general = Words(GENERAL, why or "Export cannot capture it.", hint or _SIMPLER)
    words = first_match(HIGHER_ORDER, expression, text) or general
    # Both modes capture these functions in the way that strict mode captures a model.
    return replace(words, why=STRICT.sub(_export, words.why))


def _export(strict: re.Match[str]) -> str:
    return "Export" if strict[0][0].isupper() else "export"


def _exception(text: str) -> Words | None:
    """The words for an exception that Dynamo's own version of a function raises."""
    raised = OBSERVED.search(text)
    if raised is None:
        return None
    detail = f": {torch_text.first_sentence(raised[3])}" if raised[3] else ""
    return Words(
        GENERAL,
        sentence(
            f"It raises {raised[1]} when strict mode traces it, and not in eager mode{detail}"
        ),
        _INSTEAD,
    )


def _explanation(text: str) -> tuple[str, str]:
    """Dynamo's explanation and its hint as sentences; "" for one that is not for users."""
    explanation = EXPLANATION.search(text)
    why = explanation[1] if explanation else text.strip().partition("\n")[0]
    raised = RAISED.search(" ".join(why.split()))
    why = torch_text.first_sentence(raised[2] if raised else why)
    why = "" if why in EMPTY or NOT_FOR_USERS.search(why) else torch_text.without_symbols(why)
    hints = [torch_text.first_sentence(hint) for hint in HINT.findall(text)]
    hint = next((hint for hint in hints if hint and not NOT_FOR_USERS.search(hint)), "")
    why, hint = (EXAMPLE.sub("", TRACER.sub("strict mode", part)) for part in (why, hint))
    return sentence(why), sentence(hint)
