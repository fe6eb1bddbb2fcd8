"""Converts the targets of a file with a backend's own functions, without export-lsp.

A script for the interpreter of the backend: ``plain.py BACKEND FILE`` prints a JSON object from the
names of the targets to "" or the error.
"""

from __future__ import annotations

import importlib
import json
import runpy
import sys
import warnings
from typing import Any

import torch


def main() -> None:
    warnings.simplefilter("ignore")
    backend, file = sys.argv[1:]
    sys.argv = [file]
    names = runpy.run_path(file)
    found = {name: _error(backend, target) for name, target in _targets(names).items()}
    print("\n" + json.dumps(found))


def _targets(names: dict[str, Any]) -> dict[str, Any]:
    if "export_targets" in names:
        return dict(names["export_targets"])
    parts = ("args", "example_args"), ("kwargs", "example_kwargs"), ("dynamic_shapes",) * 2
    return {"model": {"model": names["model"]} | {k: names.get(n) for k, n in parts}}


def _error(backend: str, target: dict[str, Any]) -> str:
    model = target["model"]
    model = model if isinstance(model, torch.nn.Module) else model()
    try:
        program = torch.export.export(
            model,
            target.get("args") or (),
            target.get("kwargs"),
            dynamic_shapes=target.get("dynamic_shapes"),
            strict=False,
        )
        _convert(backend, program)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def _convert(backend: str, program: torch.export.ExportedProgram) -> None:
    if backend == "onnx":
        torch.onnx.export(program, (), dynamo=True, verbose=False)
        return
    if backend == "aot-inductor":
        torch._inductor.aoti_compile_and_package(program)
        return
    exir = importlib.import_module("executorch.exir")
    if backend == "executorch":
        exir.to_edge(program).to_executorch()
        return
    partitioners = "executorch.backends.xnnpack.partition.xnnpack_partitioner"
    partitioner = importlib.import_module(partitioners).XnnpackPartitioner()
    exir.to_edge_transform_and_lower(program, partitioner=[partitioner]).to_executorch()


main()
