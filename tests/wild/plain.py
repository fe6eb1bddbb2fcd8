"""Export model files with plain torch, each in a fork of a process that has imported the library.

Run by a library's own interpreter; needs nothing but torch.  Usage: ``python plain.py MODULE``;
reads the path of a file from each line of stdin and answers with a line of JSON.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import importlib
import json
import os
import resource
import select
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from typing import Any

# Seconds of processor time that one export may take, and on the wall on a busy machine.
PATIENCE = 180
WALL = 8 * PATIENCE

DIED = {"error": "died, or took too long", "places": []}

MODES = {"non-strict": False, "strict": True}


def answer(path: str, mode: str) -> dict[str, Any]:
    """Take the file's model through export in one mode, a run of the program and decomposition.

    Returns the seconds that the export took, and for every step that failed its error.
    """
    import torch

    torch.manual_seed(0)
    sys.path.insert(0, os.path.dirname(path))
    failures: dict[str, Any] = {}
    try:
        # As a module: Dynamo imports the module of a function that it has met.
        names = vars(importlib.import_module(os.path.basename(path).removesuffix(".py")))
        model, args = _made(names["model"]), _made(names.get("example_args", ()))
        kwargs = _made(names.get("example_kwargs")) or {}
        shapes = _made(names.get("dynamic_shapes"))
    except BaseException as error:
        return {"seconds": 0.0, "failures": {"build": _described(error)}}
    started = time.perf_counter()
    try:
        program = torch.export.export(
            model,
            args,
            kwargs,
            dynamic_shapes=shapes,
            strict=MODES[mode],
        )
    except BaseException as error:
        return {"seconds": _since(started), "failures": {"export": _described(error)}}
    seconds = _since(started)
    steps = {
        "run": lambda: _compare(model, program, args, kwargs),
        "decompose": program.run_decompositions,
    }
    for step, carry_out in steps.items():
        try:
            carry_out()
        except BaseException as error:
            failures[step] = _described(error)
    return {"seconds": seconds, "failures": failures}


def _made(value: Any) -> Any:
    """Call what a file declares, if it is a class or function that makes it."""
    import torch

    return value() if callable(value) and not isinstance(value, torch.nn.Module) else value


def _compare(model: Any, program: Any, args: Any, kwargs: Any) -> None:
    import torch
    from torch.utils import _pytree as pytree

    results = []
    # Copied before the model runs: the program shares its buffers.
    for call in (model, copy.deepcopy(program.module())):
        torch.manual_seed(0)
        given = copy.deepcopy((args, kwargs))
        results.append(pytree.tree_leaves(call(*given[0], **given[1])))
    for one, other in zip(*results, strict=True):
        if isinstance(one, torch.Tensor):
            torch.testing.assert_close(other, one, rtol=1e-2, atol=1e-3, equal_nan=True)


def _since(started: float) -> float:
    return round(time.perf_counter() - started, 3)


def _described(error: BaseException) -> dict[str, Any]:
    text = f"{type(error).__name__}: {error}"[:2000]
    return {"error": text, "places": [list(place) for place in _places(error)]}


def _places(error: BaseException) -> Iterator[tuple[str, int]]:
    """The frames of an exception outside torch, innermost last: (file, line)."""
    import torch

    torch_home = os.path.dirname(torch.__file__)
    stack = traceback.extract_tb(error.__traceback__)
    real_stack = getattr(error, "real_stack", None) or ()
    for frame in (*stack, *real_stack):
        ours = frame.filename == __file__ or "importlib" in frame.filename
        if not ours and not frame.filename.startswith((torch_home, "<")):
            yield frame.filename, frame.lineno or 1


def _forked(function: Callable[[], Any]) -> Any:
    """What a function gives in a fork; None if that died or took too long."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reader)
            os.setpgid(0, 0)
            resource.setrlimit(resource.RLIMIT_CPU, (PATIENCE, PATIENCE))
            with os.fdopen(writer, "w") as stream:
                json.dump(function(), stream)
        finally:
            os._exit(0)
    os.close(writer)
    data = b""
    deadline = time.monotonic() + WALL
    while True:
        ready, _, _ = select.select([reader], [], [], max(0.0, deadline - time.monotonic()))
        chunk = os.read(reader, 1 << 16) if ready else b""
        data += chunk
        if not chunk:
            break
    os.close(reader)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    try:
        return json.loads(data)
    except ValueError:
        return None


def main(library: str) -> None:
    """Answer until stdin ends; what models print goes nowhere."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    files = os.fdopen(os.dup(0))
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    warnings.simplefilter("ignore")
    import torch

    torch.set_num_threads(1)
    with contextlib.suppress(Exception):
        importlib.import_module(library)
    for line in files:
        path = line.strip()
        found = {
            mode: _forked(functools.partial(answer, path, mode))
            or {"seconds": float(PATIENCE), "failures": {"export": dict(DIED)}}
            for mode in MODES
        }
        print(json.dumps(found), file=answers)


if __name__ == "__main__":
    main(sys.argv[1])
