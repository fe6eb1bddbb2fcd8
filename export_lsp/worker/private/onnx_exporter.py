"""The registry and the parts of ``torch.onnx.export``'s exporter.

`_core._prepare_exported_program_for_export` decomposes a program down to what the registry has
conversions for; `_dispatching.dispatch` chooses the conversion of a node.  The exporter itself goes
on until it meets the first node without one.  The decomposed program is recorded as it passes, so
that all such nodes are found in one go.

Seen in torch 2.6 to 2.13.  Without these names only the first refused node is known, by its name in
the text of the error, and the program that was decomposed is not.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any
from unittest import mock

import torch
from torch.export import ExportedProgram
from torch.fx import Node

from export_lsp.worker.private import decomposition

PACKAGE = "torch.onnx._internal.exporter"
PREPARE = "_prepare_exported_program_for_export"

# Calls that the exporter converts by itself, without a function of the registry.
_BUILT_IN = ("getitem",)
# The names of nodes in the exporter's texts and in the metadata of ONNX nodes.
_NODE = re.compile(r"%(?P<name>\w+) ?[:=]|(?P<output>\breturn )")
FX_NODE = "pkg.torch.onnx.fx_node"


class NoConversionError(Exception):
    """The registry has no conversion for some nodes of a decomposed program."""

    def __init__(self, nodes: list[tuple[Node, str]]) -> None:
        self.nodes = nodes
        super().__init__("; ".join(dict.fromkeys(why for _, why in nodes)))


@dataclass
class Exporting:
    """The decomposed program of an export, as soon as there is one."""

    decomposed: ExportedProgram | None = None


def export(program: ExportedProgram, exporting: Exporting) -> Any:
    """Convert a program with ``torch.onnx.export``; return its ``ONNXProgram``.

    Raises:
        NoConversionError: as the cause of an error of torch's.
        Exception: whatever torch raises.
    """
    with _quiet(), _surveying(exporting), decomposition.quick_registration():
        return torch.onnx.export(program, (), dynamo=True, verbose=False)


def check(converted: Any) -> None:
    """Check an ``ONNXProgram`` with ONNX's own checker.

    Raises:
        Exception: the checker's, for a model that is not valid ONNX.
    """
    importlib.import_module("onnx").checker.check_model(converted.model_proto)


def opset_of(converted: Any) -> int | None:
    """Return the version of the ONNX operators in an ``ONNXProgram``."""
    imports: Mapping[str, int] = converted.model.opset_imports
    return imports.get("")


def named_node(program: ExportedProgram, text: str) -> Node | None:
    """Return the node that a text names, "%cummax : [num_users=1] = …"; None if it names none."""
    match = _NODE.search(text)
    if match is None:
        return None
    nodes = list(program.graph.nodes)
    if match["name"] is None:
        return nodes[-1]
    return next((node for node in nodes if node.name == match["name"]), None)


def origin_of(converted: Any, onnx_node: str) -> str:
    """Return the text that names the node behind a node of an ``ONNXProgram``; "" if unknown."""
    for node in converted.model.graph:
        if node.name == onnx_node:
            return str(node.metadata_props.get(FX_NODE, ""))
    return ""


def _module(name: str) -> ModuleType | None:
    try:
        return importlib.import_module(f"{PACKAGE}.{name}")
    except ImportError:
        return None


@contextlib.contextmanager
def _surveying(exporting: Exporting) -> Iterator[None]:
    """Context manager in which the exporter asks for all conversions after it has decomposed."""
    core, dispatching = _module("_core"), _module("_dispatching")
    prepare = getattr(core, PREPARE, None)
    dispatch = getattr(dispatching, "dispatch", None)
    if core is None or prepare is None or dispatch is None:
        yield
        return

    def prepare_and_survey(program: ExportedProgram, *, registry: Any) -> ExportedProgram:
        decomposed: ExportedProgram = prepare(program, registry=registry)
        exporting.decomposed = decomposed
        refused = list(_refused(decomposed, registry, dispatch))
        if refused:
            raise NoConversionError(refused)
        return decomposed

    with mock.patch.object(core, PREPARE, prepare_and_survey):
        yield


def _refused(
    program: ExportedProgram, registry: Any, dispatch: Callable[..., Any]
) -> Iterator[tuple[Node, str]]:
    for node in program.graph.nodes:
        if node.op != "call_function" or _is_converted_directly(node):
            continue
        function, why = dispatch(node, registry)
        if function is None:
            yield node, f"No ONNX function found for {node.target!r}. Failure message: {why}"


def _is_converted_directly(node: Node) -> bool:
    name = getattr(node.target, "__name__", "")
    is_onnx = str(getattr(node.target, "namespace", "")).startswith("onnx")
    return name in _BUILT_IN or is_onnx or not isinstance(node.target, torch._ops.OpOverload)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Context manager without the exporter's warnings, which are for callers of its API."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
