"""Messages for failures of the capture, from texts of torch 2.13."""

from __future__ import annotations

from typing import Any

import pytest

from export_lsp.worker.data.eager_record import EagerError
from export_lsp.worker.data.frame import Stack
from export_lsp.worker.places import locate
from export_lsp.worker.private import errors
from export_lsp.worker.stages import lower, verify
from export_lsp.worker.stages.capture import (
    data_dependent,
    forward_error_messages,
    graph_break,
    operators,
    outputs,
)
from tests.recorded_failures import Code, Model, raised, summary


class Plain:
    """A model without submodules."""

    def named_modules(self) -> list[tuple[str, Any]]:
        return []


BUILT: Any = Model(Plain())


@pytest.fixture(autouse=True)
def stand_ins(monkeypatch: pytest.MonkeyPatch) -> dict[str, type[Exception]]:
    names = ("DATA_DEPENDENT_GUARD", "DATA_DEPENDENT_OUTPUT", "DYNAMIC_OUTPUT", "VERIFIER")
    more = ("UNSUPPORTED_OPERATOR", "UNSUPPORTED_TENSOR", "DYNAMO_ERROR", "HIGHER_ORDER")
    kinds: dict[str, type[Exception]] = {}
    for name in (*names, *more):
        kinds[name] = type(name, (Exception,), {})
        monkeypatch.setattr(errors, name, (kinds[name],))
    return kinds


GUARD = (
    "Could not guard on data-dependent expression {0} (unhinted: {0}).  (Size-like symbols: none)\n"
    "consider using data-dependent friendly APIs such as guard_or_false, guard_or_true."
)
NUMBER = "Could not extract specialized integer from data-dependent expression u0 (unhinted: u0)."
WHERE = "Use `torch.where` or `torch.cond`"
CHECK = "guard it with `if not torch.compiler.is_exporting():`, or use `torch._assert_async`"


@pytest.mark.parametrize(
    ("code", "place", "words"),
    [
        ("if x.sum() > 0:\n    y = 1\n", "x.sum() > 0", ("Which way", WHERE)),
        ("y = 1 if h.norm() > 1 else 2\n", "h.norm() > 1", ("Which way", WHERE)),
        ("if a and x.min() < r:\n    y = 1\n", "x.min() < r", ("Which way", WHERE)),
        ("if not flag:\n    y = 1\n", "not flag", ("Which way", WHERE)),
        ("if n.isnan().any():\n    raise ValueError\n", "n.isnan().any()", ("Whether", CHECK)),
        ("assert x.isfinite().all()\n", "x.isfinite().all()", ("Whether", CHECK)),
        ("while e > t:\n    e = f(e)\n", "e > t", ("How long the loop runs", "while_loop")),
        (
            "for l in m:\n    if s.mean() > 0.9:\n        break\n",
            "s.mean() > 0.9",
            ("How long the loop runs", "fixed number of steps"),
        ),
        (
            "y = [h for h in hs if h.norm() > 0.1]\n",
            "h.norm() > 0.1",
            ("Which items the comprehension keeps", "`torch.where`"),
        ),
        (
            "if 2 in ids:\n    y = 1\n",
            "2 in ids",
            ("needs the truth value of a tensor", "`(ids == 2).any()`"),
        ),
        (
            "if torch.equal(a, b):\n    y = 1\n",
            "torch.equal(a, b)",
            ("needs the truth value", "`(a == b).all()`"),
        ),
        (
            "assert torch.allclose(a, b)\n",
            "torch.allclose(a, b)",
            ("needs the truth value", CHECK),
        ),
        ("y = sorted(xs, key=f)\n", "sorted(xs, key=f)", ("needs the truth value", "torch.sort")),
        ("if any(r < 0 for r in x):\n    y = 1\n", "any(r < 0 for r in x)", ("`torch.any`",)),
        ("y = bool(self.ready)\n", "bool(self.ready)", ("needs the truth value", "torch.where")),
    ],
)
def test_truth_of_a_tensor(
    code: str, place: str, words: tuple[str, ...], stand_ins: dict[str, type[Exception]]
) -> None:
    error = stand_ins["DATA_DEPENDENT_GUARD"](GUARD.format("Eq(u0, 1)"))
    error.cond = "Eq(u0, 1)"  # type: ignore[attr-defined]  # torch's class has it
    file = Code(code)
    failure = file.failure(error, place, truths=("u0",))
    rule, at, message = summary(data_dependent.explain(failure, BUILT), file)
    assert (rule, at) == ("data-dependent-branch", place)
    assert [word for word in words if word not in message] == []


@pytest.mark.parametrize(
    ("code", "place", "text", "words"),
    [
        (
            "n = t.item()\nif n > 3:\n    y = 1\n",
            "n > 3",
            GUARD.format("u0 > 3"),
            ("Comparison with tensor data: `n > 3`", "data in `t.item()`", "`torch._check(n > 3)`"),
        ),
        (
            "n = t.item()\nif n == 0:\n    y = 1\n",
            "n == 0",
            GUARD.format("Eq(u0, 0)"),
            ("`torch._check(n != 0)`",),
        ),
        (
            "n = t.item()\nassert n == m\n",
            "n == m",
            GUARD.format("Eq(u0, u1)"),
            ("`torch._check(n == m)`",),
        ),
        (
            "n = t.item()\nif n < 1:\n    raise ValueError\n",
            "n < 1",
            GUARD.format("u0 < 1"),
            ("`torch._check(n >= 1)`",),
        ),
        (
            "r = t.item()\nif len(r) > 0:\n    y = 1\n",
            "len(r) > 0",
            GUARD.format("u0 > 0"),
            ("`torch._check(r.shape[0] > 0)`",),
        ),
        (
            "n = t.item()\nwhile n > 0:\n    n = n - 1\n",
            "n > 0",
            GUARD.format("u0 > 0"),
            ("How long the loop runs depends on the data in `t.item()`", "while_loop"),
        ),
        (
            "t.item()\nfor e in hit:\n    pass\n",
            "hit",
            NUMBER,
            ("Loop over a data-dependent length: `hit`", "whole tensor"),
        ),
        ("n = t.item()\ny = range(n)\n", "range(n)", NUMBER, ("needs a number", "`t.item()`")),
        ("r = t.item()\ny = len(r)\n", "len(r)", NUMBER, ("plain number", "`r.shape[0]`")),
        (
            "y = F.one_hot(t.item())\n",
            "F.one_hot(t.item())",
            NUMBER,
            ("Give it a fixed `num_classes`.",),
        ),
        (
            "y = t.item()\nz = torch.cdist(y, y)\n",
            "torch.cdist(y, y)",
            GUARD.format("Eq(3*u0, 0)")
            + "\nTo fix the error, insert one of the following checks before this call:\n"
            "  1. torch._check((3*y.shape[0]) == 0)\n  2. torch._check((3*y.shape[0]) != 0)\n",
            ("whether `3 * y.shape[0] == 0`", "`torch._check(3 * y.shape[0] != 0)`"),
        ),
    ],
)
def test_numbers_that_depend_on_data(
    code: str,
    place: str,
    text: str,
    words: tuple[str, ...],
    stand_ins: dict[str, type[Exception]],
) -> None:
    file = Code(code)
    failure = file.failure(
        stand_ins["DATA_DEPENDENT_GUARD"](text), place, origins={"u0": "t.item()"}
    )
    rule, at, message = summary(data_dependent.explain(failure, BUILT), file)
    assert (rule, at) == ("data-dependent-guard", place)
    assert [word for word in words if word not in message] == []


BREAK = "{title}\n  Explanation: {why}\n{hints}\n  Developer debug context: x\n\n For more details"
MARKED = (
    "Dynamo developers have intentionally marked that the function `{}` in file"
    " `/usr/lib/python3/site-packages/torch/_compile.py` should not be traced."
)
BUILTIN = (
    "Dynamo does not know how to trace the builtin `{}.` This function is either a Python builtin"
    " (e.g. _warnings.warn) or a third-party C/C++ Python extension (perhaps created with pybind)."
)


@pytest.mark.parametrize(
    ("expression", "why", "hints", "label", "explanation"),
    [
        (
            "rescale(y)",
            "Skip calling function `<function rescale at 0x7fea035d4180>` since it was wrapped with"
            " `torch.compiler.disable` (reason: None)",
            ["Remove the `torch.compiler.disable` call"],
            "Call of a disabled function",
            "`rescale` is wrapped with `torch.compiler.disable`. Remove that, or keep the call out"
            " of `forward`.",
        ),
        (
            "torch._dynamo.graph_break()",
            "User-inserted graph break. Message: None",
            ["Remove the `torch._dynamo.graph_break()` call."],
            "Graph break on purpose",
            "It stops the capture of the model. Remove it.",
        ),
        (
            "torch.manual_seed(0)",
            MARKED.format("manual_seed"),
            ["Avoid calling the function `manual_seed`."],
            "Untraceable call",
            "Strict mode cannot trace it. Call it outside of `forward`, e.g. in `__init__`.",
        ),
        (
            "zlib.crc32(name)",
            BUILTIN.format("zlib.crc32"),
            [],
            "Untraceable call",
            "Strict mode cannot trace it. Call it outside of `forward`, e.g. in `__init__`.",
        ),
        (
            "box.nms(x)",
            BUILTIN.format("box._C.nms_kernel"),
            [],
            "Untraceable call",
            "Strict mode cannot trace it. Call it outside of `forward`, e.g. in `__init__`, or wrap"
            " it as a custom operator (`torch.library.custom_op`).",
        ),
        (
            "uuid.uuid4()",
            BUILTIN.format("posix.urandom"),
            [],
            "Untraceable call",
            "It calls `os.urandom`, which strict mode cannot trace. Call it outside of `forward`,"
            " e.g. in `__init__`.",
        ),
        (
            "torch.bucket(x)",
            BUILTIN.format("torch._VariableFunctionsClass.bucket"),
            [],
            "Untraceable call",
            "Strict mode cannot trace it. Export in non-strict mode (`strict=False`), or call it"
            " outside of `forward`, e.g. in `__init__`.",
        ),
        (
            "random.choice(xs)",
            MARKED.format("Random.choice"),
            [],
            "Random Python number",
            "Strict mode cannot trace Python's random numbers. Draw them with torch (`torch.rand`,"
            " `torch.randint`), or in `__init__`.",
        ),
        (
            "LOCK",
            "Dynamo does not know how to enter a `lock` context manager.",
            ["Avoid using the unsupported context manager."],
            "Untraceable context manager",
            "Strict mode cannot trace a `with` block whose context manager is a `lock`. Keep it out"
            " of `forward`.",
        ),
        (
            "loss.backward()",
            "Dynamo currently does not support tracing `Tensor.backward()` when"
            " trace_autograd_ops is off.",
            ["Set torch._dynamo.trace_autograd_ops=True"],
            "Derivative computed while tracing",
            "Export cannot trace a derivative. Compute it outside of `forward`, or make a graph of"
            " it in `__init__` with `torch.fx.experimental.proxy_tensor.make_fx`, and call that.",
        ),
        (
            "self.scratch.resize_(8)",
            "Dynamo determined that a graph break should occur when calling"
            " `L['self']._modules['_export_root']._buffers['scratch'].resize_`. Reason: Getting an"
            " inplace view on a graph input is not supported",
            [],
            "Shape changed in place",
            "It changes the shape of an input, parameter or buffer, which strict mode cannot"
            " trace. Make a new tensor instead.",
        ),
        (
            "groupby(xs)",
            "Dynamo does not support `<class 'itertools.groupby'>` with"
            " UserDefinedObjectVariable(Key) of size s77. It may come.",
            [
                "It may be possible to write Dynamo tracing rules for this code.",
                "Use a plain loop. It is as fast.",
            ],
            "Graph break",
            "Strict mode does not support `itertools.groupby` with Key of size ?. Use a plain"
            " loop.",
        ),
        (
            "odd()",
            "Dynamo does not support this.",
            ["Do not call `odd`."],
            "Graph break",
            "Strict mode cannot trace it. Do not call `odd`.",
        ),
    ],
)
def test_graph_breaks(
    expression: str,
    why: str,
    hints: list[str],
    label: str,
    explanation: str,
    stand_ins: dict[str, type[Exception]],
) -> None:
    file = Code(f"{expression}\n")
    hint_lines = "\n".join(f"  Hint: {hint}" for hint in hints)
    error = stand_ins["DYNAMO_ERROR"](BREAK.format(title="Unsupported", why=why, hints=hint_lines))
    found = graph_break.explain(file.failure(error, expression, mode="strict"), BUILT)
    message = f"{label}: `{expression}`\n{explanation}"
    assert summary(found, file) == ("graph-break", expression, message)


def test_a_failure_after_dynamo_is_not_a_graph_break() -> None:
    file = Code("a @ b\n")
    error = RuntimeError("expected scalar type torch.bfloat16 but found torch.float32")
    failure = file.failure(error, "a @ b", mode="strict")
    assert graph_break.explain(failure, BUILT) is None
    rule, _, message = summary(operators.explain_rest(failure, BUILT), file)
    assert rule == "unsupported-operator"
    assert message.startswith("RuntimeError while tracing: `a @ b`\n")
    assert "It fails in the graph that strict mode captured" in message
    assert "Non-strict mode may work" in message


BOUND = "<bound method HigherOrderOperator.name of <torch._ops.cond.CondOp object at 0x7f>>"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"Higher order ops do not support aliasing. Found in {BOUND}", "Return a copy"),
        (f"Higher order ops do not support input mutation. Found in {BOUND}", "out-of-place"),
        (
            "Unmatched output spec from torch.cond branches: true branch tree_spec"
            " TreeSpec(tuple, None, [*]) vs false branch tree_spec TreeSpec(tuple, None, [*, *]).",
            "the same number of tensors",
        ),
    ],
)
def test_branches_of_cond(text: str, words: str, stand_ins: dict[str, type[Exception]]) -> None:
    file = Code("torch.cond(p, f, g, (x,))\n")
    failure = file.failure(stand_ins["HIGHER_ORDER"](text), "torch.cond(p, f, g, (x,))")
    rule, _, message = summary(graph_break.explain_higher_order(failure, BUILT), file)
    assert rule == "graph-break"
    assert "`torch.cond`" in message
    assert words in message
    assert "0x7f" not in message
    assert "TreeSpec" not in message


@pytest.mark.parametrize(
    ("expression", "text", "words"),
    [
        (
            'f"{y.mean():.2f}"',
            "unsupported format string passed to FakeTensor.__format__",
            "Text of a tensor or size",
        ),
        (
            "torch.tensor([a, b])",
            "The tensor has a non-zero number of elements, but its data is not allocated yet.\nIf",
            "Use `torch.stack`",
        ),
        (
            "self.rnn(packed)",
            "zeros(): argument 'size' failed to unpack the object at pos 2 with error \"type must"
            ' be tuple of ints,but got FakeTensor"',
            "Pad and mask instead",
        ),
        ("x.numpy()", ".numpy() is not supported for tensor subclasses.", "tensor's memory"),
        ("copy.deepcopy(x)", "Cannot access data pointer of Tensor", "Use `.clone()`"),
        ("Net", "Node arity mismatch; expected 0, but got 1.", "in local variables"),
        ("Net", "The tensor attribute self.h was assigned during export.", "in local variables"),
        ("f(x)", "odd thing of <class 'a.B'> at size s12\nmore", "odd thing of `a.B` at size ?"),
    ],
)
def test_operations_without_data(expression: str, text: str, words: str) -> None:
    file = Code(f"{expression}\n")
    found = operators.explain_rest(file.failure(RuntimeError(text), expression), BUILT)
    rule, at, message = summary(found, file)
    assert (rule, at) == ("unsupported-operator", expression)
    assert words in message
    assert message.count("\n") == 1


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        ("UNSUPPORTED_OPERATOR", "aten._nested.default", "torch has no fake kernel"),
        ("UNSUPPORTED_OPERATOR", "mine.clamp.default", "`torch.library.register_fake`"),
        ("UNSUPPORTED_TENSOR", "quantized nyi in meta tensors", "such as a quantised one"),
        ("DYNAMIC_OUTPUT", "aten.combinations", "The shape of its result depends on the data"),
    ],
)
def test_operators_without_shapes(
    kind: str, text: str, words: str, stand_ins: dict[str, type[Exception]]
) -> None:
    file = Code("op(x)\n")
    found = operators.explain_known(file.failure(stand_ins[kind](text), "op(x)"), BUILT)
    rule, _, message = summary(found, file)
    assert rule == "unsupported-operator"
    assert words in message
    assert ("register_fake" in message) == text.startswith("mine")


@pytest.mark.parametrize(
    ("code", "place", "error", "parts"),
    [
        (
            "x, hidden, cell = f(x)\n",
            "x, hidden, cell",
            ValueError("not enough values to unpack (expected 3, got 2)"),
            (
                "Unpacking fails in eager mode too: `x, hidden, cell`",
                "ValueError: not enough values to unpack (expected 3, got 2).",
            ),
        ),
        (
            "assert x.ndim == 4, 'no batch'\n",
            "x.ndim == 4",
            AssertionError("no batch"),
            ("Assertion fails in eager mode too: `x.ndim == 4`", "AssertionError: no batch."),
        ),
        (
            "raise NotImplementedError('later')\n",
            "raise NotImplementedError('later')",
            NotImplementedError("later"),
            (
                "NotImplementedError in eager mode too: `raise NotImplementedError(…)`",
                "NotImplementedError: later. In full: `raise NotImplementedError('later')`.",
            ),
        ),
        (
            "y = x + self.bias\n",
            "x + self.bias",
            RuntimeError("Tensor on device meta is not on the expected device cpu!"),
            (
                "RuntimeError in eager mode too: `x + self.bias`",
                "RuntimeError: Tensor on device meta is not on the expected device cpu! Create both"
                " on one device (`device=x.device`), or move one with `.to(x.device)`.",
            ),
        ),
    ],
)
def test_failures_of_eager_mode_too(
    code: str, place: str, error: Exception, parts: tuple[str, str]
) -> None:
    raised = EagerError.of(error, Stack())
    words = forward_error_messages.words(Code(code).failure(error, place), raised)
    assert words.parts(place) == parts


@pytest.mark.parametrize(
    ("text", "kind", "advice"),
    [
        ("Found <class 'net.Cache'> in output, which is not a", "`Cache` as an output", "register"),
        (
            "unrecognized type UserDefinedObjectVariable(Cache) at output",
            "`Cache` as an output",
            "register",
        ),
        (
            "unrecognized type NestedUserFunctionVariable() at output",
            "Function as an output",
            "Call it",
        ),
        ("Found <class 'set'> in output, which is not a", "`set` as an output", "list or tuple"),
    ],
)
def test_outputs(text: str, kind: str, advice: str) -> None:
    file = Code("f(x)\n")
    built: Any = Model(type("Net", (), {"forward": test_outputs})())
    rule, _, message = summary(outputs.explain(file.failure(ValueError(text), "f(x)"), built), file)
    assert rule == "unsupported-output"
    assert message.startswith(kind)
    assert advice in message


def test_state_that_is_replaced_by_none() -> None:
    file = Code("self.prompt = None\n")
    error = AssertionError("expected FakeTensor, got <class 'NoneType'>")
    rule, _, message = summary(lower.explain(file.failure(error, "self.prompt"), BUILT), file)
    assert rule == "unregistered-state"
    assert "by something that is not a tensor" in message


def test_functions_that_an_exported_program_may_not_contain(
    stand_ins: dict[str, type[Exception]], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Code("math.cos(1 / x.shape[0])\n")
    text = "Operator '<function _sym_cos at 0x7fea0b9c0360>' is not an allowed operator type: (<"
    monkeypatch.setattr(locate, "stack_of_failed_node", lambda *_: Stack())
    failure = file.failure(stand_ins["VERIFIER"](text), "math.cos(1 / x.shape[0])")
    (finding,) = verify.explain(failure)
    assert summary(finding, file)[2] == (
        "Operation that is not allowed: `math.cos(1 / x.shape[0])`\n"
        "It becomes a function of sizes that an exported program may not contain. Compute it with"
        " tensor operations."
    )


def test_an_unknown_text_of_dynamo_is_not_explained() -> None:
    file = Code("f(x)\n")
    failure = file.failure(raised("Unsupported", "odd"), "f(x)")
    assert graph_break.explain(failure, BUILT) is None
