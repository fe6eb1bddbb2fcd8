"""`onnx`: ``torch.onnx.export``, ONNX's checker, and ONNX Runtime if it is installed."""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Sequence
from typing import Any

import torch
from torch._subclasses.fake_tensor import FakeTensor
from torch.export import ExportedProgram
from torch.fx import Node
from torch.utils import _pytree as pytree

from export_lsp.worker.backends.backend import Conversion, Refusal, RefusedAtRunError, with_version
from export_lsp.worker.places import locate
from export_lsp.worker.places.failure import reason
from export_lsp.worker.private import onnx_exporter
from export_lsp.worker.private.onnx_exporter import Exporting, NoConversionError
from export_lsp.worker.text.sentences import sentence
from export_lsp.worker.text.torch_text import without_symbols

LABEL = "ONNX"
PACKAGES = {"onnxscript": "onnxscript", "onnx": "onnx"}

RUNTIME = "onnxruntime"
NO_RUNTIME = f"`{RUNTIME}` is not installed"
NO_VALUES = "its parameters have no values"

UNSUPPORTED = "Not supported by ONNX"
ADVICE = (
    "Write it with operations that have one, or give `torch.onnx.export` a conversion of your own"
    " (`custom_translation_table`)."
)
# How ONNX Runtime names the node that it has no kernel for, or fails at.
_RUNTIME_NODE = re.compile(r"(?:node with name |running \S+ node\. Name:|Node:? ?\()'?([^')]+)")


def convert(program: ExportedProgram) -> Conversion:
    """Convert a program, with all the operators that have no conversion at once."""
    exporting = Exporting()
    package = with_version("onnxscript")
    try:
        converted = onnx_exporter.export(program, exporting)
    except Exception as error:
        refusals = _refusals(error, exporting.decomposed or program, package)
        return Conversion(exporting.decomposed or program, package, refusals)
    decomposed = exporting.decomposed or program
    if any(isinstance(value, FakeTensor) for value in _state(program)):
        return Conversion(decomposed, package, not_run=NO_VALUES)
    try:
        onnx_exporter.check(converted)
    except Exception as error:
        why = f"ONNX's checker refuses the model. {_said(error)}"
        return Conversion(decomposed, package, (Refusal(None, error, UNSUPPORTED, why),))
    if importlib.util.find_spec(RUNTIME) is None:
        return Conversion(decomposed, package, not_run=NO_RUNTIME)
    runtime = with_version(RUNTIME)
    run = _Runtime(converted, decomposed, runtime)
    return Conversion(decomposed, package, run=run, runs_on=runtime)


def _state(program: ExportedProgram) -> list[Any]:
    return [*program.state_dict.values(), *program.constants.values()]


def _refusals(error: Exception, program: ExportedProgram, package: str) -> tuple[Refusal, ...]:
    for link in locate.chain(error):
        if isinstance(link, NoConversionError):
            return tuple(
                Refusal(
                    node,
                    Exception(why),
                    UNSUPPORTED,
                    f"ONNX has no conversion for `{_name(node.target)}` ({package}).",
                    ADVICE,
                    _name(node.target),
                )
                for node, why in link.nodes
            )
    links = list(locate.chain(error))
    innermost = links[-1]
    named = (onnx_exporter.named_node(program, str(link)) for link in links[1:])
    node = next((found for found in named if found is not None), None)
    if node is not None and node.op == "output":
        return (_refused_output(node, error, innermost, package),)
    converted = f"The conversion to ONNX fails ({package})."
    return (Refusal(node, error, UNSUPPORTED, f"{converted} {_said(innermost)}"),)


def _refused_output(
    node: Node, error: Exception, innermost: BaseException, package: str
) -> Refusal:
    values = pytree.tree_leaves(node.args)
    number = next((value for value in values if not isinstance(value, Node)), None)
    why = f"The conversion to ONNX fails ({package}). {_said(innermost)}"
    if number is not None:
        why = f"The model returns `{number!r}`, and a model in ONNX returns tensors ({package})."
    return Refusal(None, error, "Output not supported by ONNX", why, "Return tensors only.")


def _name(target: Any) -> str:
    if isinstance(target, torch._ops.OpOverload):
        return target.name().partition(".")[0]
    return str(getattr(target, "__name__", target))


def _said(error: BaseException) -> str:
    return sentence(without_symbols(reason(error)))


def _of_type(result: Any, traced: Any) -> Any:
    """Return a result as torch has it: ONNX has pairs of real numbers for complex ones."""
    complex_pair = isinstance(traced, torch.Tensor) and traced.is_complex()
    return torch.view_as_complex(result) if complex_pair else result


class _Runtime:
    """Runs a converted program in ONNX Runtime, on one thread of the CPU."""

    def __init__(self, converted: Any, program: ExportedProgram, runtime: str) -> None:
        self._converted = converted
        self._program = program
        self._runtime = runtime
        self._is_open = False

    def __call__(self, leaves: Sequence[Any]) -> Sequence[Any]:
        if not self._is_open:
            self._open()
            self._is_open = True
        return tuple(map(_of_type, self._converted(*leaves), self._outputs()))

    def _outputs(self) -> list[Any]:
        """Return the traced outputs that the converted program has: those that are no constants."""
        names = self._program.graph_signature.user_outputs
        values = {node.name: node.meta.get("val") for node in self._program.graph.nodes}
        return [values.get(name) for name in names if isinstance(name, str) and name in values]

    def _open(self) -> None:
        ort = importlib.import_module(RUNTIME)

        def open_session(model: str | bytes) -> Any:
            options = ort.SessionOptions()
            options.intra_op_num_threads = 1
            options.log_severity_level = 4
            return ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])

        try:
            self._converted.initialize_inference_session(open_session)
        except Exception as error:
            raise RefusedAtRunError(self._refusal(error)) from error

    def _refusal(self, error: Exception) -> Refusal:
        match = _RUNTIME_NODE.search(str(error))
        text = onnx_exporter.origin_of(self._converted, match[1]) if match else ""
        node = onnx_exporter.named_node(self._program, text)
        why = f"It is converted, but {self._runtime} cannot load it. {_said(error)}"
        return Refusal(node, error, "Not supported by ONNX Runtime", why)
