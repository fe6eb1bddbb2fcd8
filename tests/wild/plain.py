"""Export model files with plain torch, in forks of a process that has imported the library.

A file is imported and its model built in one fork, and each mode exports it in a fork of that one:
nothing was traced there before.

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

# Seconds of processor time that one export may take, and how much longer on a busy machine.
PATIENCE = 180
BUSY = 8

DIED = {"error": "died, or took too long", "places": []}

# Each mode, and the value of `strict`.
MODES = {"non-strict": False, "strict": True}


def answer(path: str) -> dict[str, Any]:
    """Build the model of a file, and take it through export in each mode, in forks."""
    import torch

    torch.manual_seed(0)
    sys.path.insert(0, os.path.dirname(path))
    try:
        # As a module: Dynamo imports the module of a function that it has met.
        names = vars(importlib.import_module(os.path.basename(path).removesuffix(".py")))
        model, args = _made(names["model"]), _made(names.get("example_args", ()))
        kwargs = _made(names.get("example_kwargs")) or {}
        shapes = _made(names.get("dynamic_shapes"))
    except BaseException as error:
        return _both({"seconds": 0.0, "failures": {"build": _described(error)}})
    return {
        mode: _forked(functools.partial(_exported, model, args, kwargs, shapes, strict), PATIENCE)
        or _died()
        for mode, strict in MODES.items()
    }


def _exported(model: Any, args: Any, kwargs: Any, shapes: Any, strict: bool) -> dict[str, Any]:
    """Export in one mode, run the program, and decompose it.

    Returns the seconds that the export took, and for every step that failed its error.
    """
    import torch

    failures: dict[str, Any] = {}
    started = time.perf_counter()
    try:
        program = torch.export.export(model, args, kwargs, dynamic_shapes=shapes, strict=strict)
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


def _modules_of_an_export() -> list[str]:
    """The modules that an export imports, for the process that the exports are forked from."""
    import torch

    before = set(sys.modules)
    for strict in MODES.values():
        program = torch.export.export(torch.nn.Linear(2, 2), (torch.ones(1, 2),), strict=strict)
        program.run_decompositions()
    return [name for name in sys.modules if name not in before]


def _died() -> dict[str, Any]:
    return {"seconds": float(PATIENCE), "failures": {"export": dict(DIED)}}


def _both(found: dict[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(MODES, found)


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
    """The frames outside torch and the standard library, innermost last: (file, line)."""
    import torch

    packages = os.path.dirname(os.path.dirname(torch.__file__))
    passed_over = (os.path.join(packages, "torch", ""), "<")
    standard_library = os.path.join(os.path.dirname(os.__file__), "")
    stack = traceback.extract_tb(error.__traceback__)
    real_stack = getattr(error, "real_stack", None) or ()
    for frame in (*stack, *real_stack):
        name = frame.filename
        standard = name.startswith(standard_library) and not name.startswith(packages)
        if name != __file__ and not standard and not name.startswith(passed_over):
            yield frame.filename, frame.lineno or 1


def _forked(function: Callable[[], Any], patience: int) -> Any:
    """Return the result of a function in a fork; None if that died or took too long."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(reader)
            os.setpgid(0, 0)
            resource.setrlimit(resource.RLIMIT_CPU, (patience, patience))
            with os.fdopen(writer, "w") as stream:
                json.dump(function(), stream)
        finally:
            os._exit(0)
    os.close(writer)
    data = b""
    deadline = time.monotonic() + BUSY * patience
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
    for module in (library, *(_forked(_modules_of_an_export, PATIENCE) or ())):
        with contextlib.suppress(Exception):
            importlib.import_module(module)
    for line in files:
        path = line.strip()
        # The exports' time is not that of this fork, which waits for them.
        found = _forked(functools.partial(answer, path), 3 * PATIENCE) or _both(_died())
        print(json.dumps(found), file=answers)


if __name__ == "__main__":
    main(sys.argv[1])
