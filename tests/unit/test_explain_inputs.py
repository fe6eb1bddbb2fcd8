"""Messages for example inputs and dynamic_shapes that do not fit."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.utils._pytree import MappingKey, SequenceKey

from export_lsp.worker.stages import inputs
from tests.recorded_failures import Code, Declared, Model, NamedDim, entry, raised, summary

CODE = Code(
    "model = Net()\n"
    "args = (first,)\n"
    "kwargs = {'mask': m, 'weight': w}\n"
    "dynamic_shapes = {'x': {0: batch, 1: width}, 'maps': [a, b, c], 'training': {0: n}}\n"
)
ARGS, SPEC = "(first,)", CODE.text_at(CODE.target.places.dynamic_shapes)


class Cache:
    pass


class Net:
    def forward(self, x: Any, maps: Any = None, training: Any = False) -> None: ...


def declared(args: Any = (1,), kwargs: Any = None, **fields: Any) -> Any:
    return Declared(CODE, Model(Net(), args, kwargs), **fields)


USER_ERROR = "UserError"
MISMATCH = (
    "Detected mismatch between the structure of `inputs` and `dynamic_shapes`: `inputs{0}` has {1}"
    " elements, but `dynamic_shapes{0}` has {2} elements\nFor more information about this error"
)
NAMES = (
    "When `dynamic_shapes` is specified as a dict, its top-level keys must be the arg names {} of"
    " `inputs`, but here they are {}. Alternatively, you could also ignore arg names entirely"
)


def explanation_in(message: str) -> str:
    return message.partition("\n")[2].partition(" In full: ")[0]


@pytest.mark.parametrize(
    ("args", "kwargs", "error", "place", "explanation"),
    [
        (
            (),
            None,
            TypeError("missing a required argument: 'x'"),
            ARGS,
            "`Net.forward` also needs `x`, which the example inputs lack. Add it.",
        ),
        (
            (1, 2, 3, 4),
            None,
            TypeError("too many positional arguments"),
            ARGS,
            "`Net.forward` takes fewer positional inputs than the example has. Remove the rest.",
        ),
        (
            (1,),
            {"mask": 1},
            TypeError("got an unexpected keyword argument 'mask'"),
            "'mask'",
            "`Net.forward` has no parameter `mask`. Remove it or correct its name.",
        ),
        (
            (1,),
            {"x": 1},
            TypeError("multiple values for argument 'weight'"),
            "'weight'",
            "`Net.forward` gets `weight` by position and by name. Give it once.",
        ),
        (
            [1],
            None,
            ValueError("Expecting `args` to be a tuple"),
            ARGS,
            "The example inputs have to be a tuple, and this is a `list`. Write `tuple((first,))`.",
        ),
        (
            [1, 2],
            None,
            ValueError("Expecting `args` to be a tuple"),
            ARGS,
            "The example inputs have to be a tuple, and this is a `list`. Write `tuple((first,))`.",
        ),
        (
            (Cache(),),
            None,
            ValueError(f"Unsupported input type {Cache}. Export only supports pytree containers"),
            "first",
            "torch.export cannot look into a `Cache`, which is not a registered pytree type."
            " Register it with `torch.utils._pytree.register_pytree_node` or pass its tensors.",
        ),
    ],
)
def test_inputs(args: Any, kwargs: Any, error: Exception, place: str, explanation: str) -> None:
    failure = CODE.failure(error, stage="inputs")
    found = inputs.explain(failure, declared(args, kwargs))
    rule, at, message = summary(found, CODE)
    assert (rule, at, explanation_in(message)) == ("invalid-input", place, explanation)


@pytest.mark.parametrize(
    ("args", "error", "place", "explanation"),
    [
        (
            (1,),
            raised(USER_ERROR, NAMES.format("['x']", "['x', 'maps']")),
            "'maps'",
            "The example inputs give no value for `maps`. The keys of dynamic_shapes have to be"
            " `x`.",
        ),
        (
            (1,),
            raised(USER_ERROR, NAMES.format("['x', 'mask']", "['x']")),
            SPEC,
            "dynamic_shapes has no entry for `mask`. Give every input an entry, `None` for a static"
            " one.",
        ),
        (
            (1, [1, 2]),
            raised(USER_ERROR, MISMATCH.format("['maps']", 2, 3)),
            "[a, b, c]",
            "The entry for `maps` has 3 parts, but the input has 2. Give each its own, `None` for"
            " a static one.",
        ),
        (
            (1, 2),
            raised(USER_ERROR, MISMATCH.format("", 2, 1)),
            SPEC,
            "dynamic_shapes has 1 entry, but there are 2 inputs. Give each its own, `None` for a"
            " static one.",
        ),
        (
            (1,),
            raised(
                USER_ERROR,
                "Expected dynamic shape spec [Dim('batch', min=0), None, None] specified at"
                " `dynamic_shapes['x']` to have the same length as the actual tensor shape"
                " torch.Size([4, 8]) (expected 2, but got 3 instead)",
            ),
            "{0: batch, 1: width}",
            "`x` has 2 dimensions, but its spec has 3 entries. Give one for each dimension.",
        ),
        (
            (1,),
            raised(
                USER_ERROR,
                "Unexpected dimension mapped to index 0 in input tensor shape {0: 'batch'}"
                " specified at `dynamic_shapes['x']` (expected None, an int, a Dim, Dim.AUTO,"
                " Dim.STATIC, or Dim.DYNAMIC,  but got 'batch' instead)",
            ),
            "batch",
            "`'batch'` is a string. Write `Dim('batch')`.",
        ),
        (
            ("no tensor",),
            AssertionError(
                "expected dynamic_shape to be None, int, or _DimHint for _IntWrapper, got"
                " <class 'dict'>"
            ),
            "{0: batch, 1: width}",
            "`x` is a `str`, which has no dimensions. Give it `None`.",
        ),
    ],
)
def test_shapes(args: Any, error: Exception, place: str, explanation: str) -> None:
    found = inputs.explain(CODE.failure(error, stage="inputs"), declared(args))
    rule, at, message = summary(found, CODE)
    assert (rule, at, explanation_in(message)) == ("invalid-dynamic-shapes", place, explanation)


@pytest.mark.parametrize(
    ("shapes", "error", "place", "words"),
    [
        (
            [
                (NamedDim("n", "Dim('n', min=0, max=64)"), 4, "batch"),
                (NamedDim("n", "Dim('n', min=0, max=128)"), 4, "width"),
            ],
            "Found different definitions Dim('n', min=0, max=64) and Dim('n', min=0, max=128) for"
            " the same symbolic dimension",
            "width",
            "as `Dim('n', max=64)` and as `Dim('n', max=128)`",
        ),
        (
            [(NamedDim("n", min=16, max=32), 8, "batch")],
            "8 not in range [16, 32]",
            "batch",
            "The example has 8 in dimension 0 of `x` (`n`), outside the range 16 to 32",
        ),
        (
            [(16, 8, "width")],
            "Static shape constraint of 16 does not match input size of 8, for L['x'].size()[1]",
            "width",
            "makes dimension 0 of `x` static with size 16, but the example has 8",
        ),
    ],
)
def test_dimensions(shapes: list[Any], error: str, place: str, words: str) -> None:
    entries = [entry(CODE, "L['x'].size()[0]", dim, size, at) for dim, size, at in shapes]
    failure = CODE.failure(raised(USER_ERROR, error), stage="inputs")
    rule, at, message = summary(inputs.explain(failure, declared(shapes=entries)), CODE)
    assert (rule, at) == ("invalid-dynamic-shapes", place)
    assert words in message


def test_failures_that_are_not_about_inputs() -> None:
    failure = CODE.failure(RuntimeError("shape mismatch"), "Net()", stage="capture")
    assert inputs.explain(failure, declared()) is None


@pytest.mark.parametrize(
    ("path", "place"), [((), SPEC), ((MappingKey("maps"), SequenceKey(1)), "b")]
)
def test_checks_of_specs_without_a_text(path: Any, place: str) -> None:
    code = compile("lambda path: 1 / 0", torch.export.dynamic_shapes.__file__, "eval")
    check = eval(code)
    with pytest.raises(ZeroDivisionError) as raised_there:
        check(path)
    error = AssertionError().with_traceback(raised_there.value.__traceback__)
    failure = CODE.failure(error, stage="inputs")
    found = inputs.explain(failure, declared((1, [1, 2, 3])))
    assert summary(found, CODE)[:2] == ("invalid-dynamic-shapes", place)
