"""The function `assert_exports`: a check of a model that this process has made.

The model and its inputs travel to a worker process as a pickle.  A module that is written for this
purpose, and is never on disk, declares them there as its target.
"""

from __future__ import annotations

import functools
import io
import linecache
import operator
import os
import pickle
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from export_lsp.api.conversion import as_text
from export_lsp.api.results import CheckError
from export_lsp.api.session import Request, Session, report_of, shared_session
from export_lsp.cli.cannot_run import CannotRun
from export_lsp.cli.folders import folder_of, settings_of
from export_lsp.cli.jobs import Job
from export_lsp.protocol import Location, Position

_NAME = "export_lsp_live_model.py"
# Set where the module below is imported: a module that is imported there, and that calls
# `assert_exports` itself, starts no further check.
_INSIDE = "EXPORT_LSP_LIVE_MODEL"
_MODULE = """\
import importlib
import importlib.util
import os
import pickle
import sys

FILES = {files!r}
os.environ[{inside!r}] = "1"


class Unpickler(pickle.Unpickler):
    def find_class(self, module, name):
        try:
            importlib.import_module(module)
        except ModuleNotFoundError:
            if module not in FILES:
                raise
            spec = importlib.util.spec_from_file_location(module, FILES[module])
            sys.modules[module] = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(sys.modules[module])
        return super().find_class(module, name)


def export_targets():
    with open({path!r}, "rb") as file:
        model, args, kwargs, dynamic_shapes = Unpickler(file).load()
    return {{
        "model": {{
            "model": model,
            "args": args,
            "kwargs": kwargs,
            "dynamic_shapes": dynamic_shapes,
        }}
    }}
"""


def assert_exports(
    model: Any,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    dynamic_shapes: Any = None,
    modes: Sequence[str] = (),
) -> None:
    """Fail if `export-lsp` finds errors or warnings in a model, with all of them as the message.

    The model is checked in a worker process with this interpreter, in the state that it is in now:
    it travels there as a pickle, so that its class has to stand at the top level of a module,
    and not in the script that runs.

    Args:
        model: The module.
        args: Its example inputs, as for ``torch.export.export``.
        kwargs: Its example inputs by keyword.
        dynamic_shapes: As for ``torch.export.export``.
        modes: "non-strict", "strict" or both; by default those of the settings.

    Raises:
        AssertionError: There are errors or warnings.
        CheckError: The model cannot be pickled, or the settings are wrong.
    """
    __tracebackhide__ = True
    if _INSIDE in os.environ:
        return
    caller = sys._getframe(1)
    message = problems_of_model(
        shared_session(), caller, model, args, kwargs, dynamic_shapes=dynamic_shapes, modes=modes
    )
    if message:
        raise AssertionError(message)


def problems_of_model(
    session: Session,
    caller: FrameType,
    model: Any,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    dynamic_shapes: Any = None,
    modes: Sequence[str] = (),
) -> str:
    """Return the problems of a model as text, "" if there is neither an error nor a warning.

    Problems of the declaration are shown at the line of the calling frame.  For the other arguments
    and exceptions see `assert_exports`.
    """
    __tracebackhide__ = True
    files = _files(model)
    pickled = _pickled((model, tuple(args), dict(kwargs or {}), dynamic_shapes))
    descriptor, path = tempfile.mkstemp(prefix="export-lsp-", suffix=".pickle")
    try:
        with open(descriptor, "wb") as file:
            file.write(pickled)
        request = _request(caller, path, files, modes)
        report = report_of([session.check(request)])
    finally:
        os.unlink(path)
    return as_text(report) if report.failed else ""


def _request(
    caller: FrameType, path: str, files: Mapping[str, str], modes: Sequence[str]
) -> Request:
    calling_file = Path(os.path.abspath(caller.f_code.co_filename))
    folder = folder_of(calling_file if calling_file.exists() else Path.cwd())
    overrides = {"interpreter": sys.executable, "modes": list(modes) or None}
    try:
        resolved = settings_of(folder, overrides)
    except CannotRun as error:
        raise CheckError("\n".join(error.messages)) from None
    file = folder / _NAME
    return Request(
        Job(file, folder, resolved, named=True),
        texts={str(file): _MODULE.format(files=dict(files), inside=_INSIDE, path=path)},
        build="real",
        extra_paths=tuple(entry for entry in sys.path if os.path.isabs(entry)),
        shown_at=_line(str(calling_file), caller.f_lineno),
    )


def _line(file: str, number: int) -> Location:
    """The code in a line, which counts from 1."""
    text = linecache.getline(file, number).rstrip()
    start = len(text) - len(text.lstrip())
    return Location(file, Position(number - 1, start), Position(number - 1, len(text)))


# --- pickling ------------------------------------------------------------------------------------


class _Pickler(pickle.Pickler):
    """Pickles what torch does not: dimensions that are derived from others, or classes."""

    def reducer_override(self, value: Any) -> Any:
        if not _is_dim(value):
            return NotImplemented
        if hasattr(value, "root"):
            factor = value.fn(1) - value.fn(0)
            return operator.add, (_Product(value.root, factor), value.fn(0))
        if isinstance(value, type):  # up to torch 2.7
            limits = {name: getattr(value, name) for name in ("min", "max")}
            make = sys.modules["torch.export"].Dim
            return functools.partial(make, **limits), (value.__name__,)
        return NotImplemented


class _Product:
    """The product of a dimension and a number; unpickled, it is that dimension."""

    def __init__(self, root: Any, factor: int) -> None:
        self._parts = root, factor

    def __reduce__(self) -> tuple[Any, ...]:
        return operator.mul, self._parts


def _is_dim(value: Any) -> bool:
    # A dimension is an instance; up to torch 2.7 a class, which says that the caller has made it.
    return type(value).__module__.startswith("torch.export") and all(
        hasattr(value, name) for name in ("__name__", "min", "max")
    )


def _pickled(value: object) -> bytes:
    __tracebackhide__ = True
    stream = io.BytesIO()
    try:
        _Pickler(stream, pickle.HIGHEST_PROTOCOL).dump(value)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise CheckError(
            f"The model or its inputs cannot be sent to a worker process: {error}. Classes and"
            " functions that they use have to stand at the top level of a module."
        ) from None
    return stream.getvalue()


def _files(model: Any) -> dict[str, str]:
    """Return the files of the modules that define the classes of a model's modules.

    Raises:
        CheckError: One is the script that runs: a worker process would run it again.
    """
    __tracebackhide__ = True
    names = {type(each).__module__ for each in _modules_of(model)}
    if "__main__" in names:
        raise CheckError(
            "The class of the model stands in the script that runs; move it into a module that the"
            " script imports."
        )
    files = {name: getattr(sys.modules.get(name), "__file__", None) for name in names}
    return {name: file for name, file in files.items() if file and not name.startswith("torch.")}


def _modules_of(model: Any) -> Iterator[Any]:
    yield model
    modules = getattr(model, "modules", None)
    if callable(modules):
        yield from modules()
