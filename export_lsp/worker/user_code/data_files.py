"""Files other than Python's that user code reads while it is imported or builds a model."""

from __future__ import annotations

import builtins
import contextlib
import hashlib
import io
import os
from collections.abc import Iterator
from typing import Any
from unittest import mock

from export_lsp.worker.user_code.workspace import Workspace

# In bytes.  A larger file is likely to hold weights, which a check does not depend on.
LARGEST = 1 << 24


@contextlib.contextmanager
def record_reads(workspace: Workspace) -> Iterator[None]:
    """Context manager that adds the files opened for reading to ``workspace.data_files``.

    Only ``open`` is covered, and only regular files of the user's up to `LARGEST` bytes.
    """
    original = builtins.open

    def recording_open(file: Any, mode: Any = "r", *args: Any, **kwargs: Any) -> Any:
        stream = original(file, mode, *args, **kwargs)
        if isinstance(file, (str, os.PathLike)) and "r" in mode:
            record(os.path.abspath(os.fspath(file)))
        return stream

    def record(path: Any) -> None:
        if not isinstance(path, str) or path.endswith(".py") or not workspace.contains(path):
            return
        # The file could just be opened, so what fails here is not a regular one.
        with contextlib.suppress(OSError):
            if os.path.isfile(path) and os.path.getsize(path) <= LARGEST:
                with original(path, "rb") as stream:
                    workspace.data_files[path] = hashlib.sha256(stream.read()).hexdigest()

    with (
        mock.patch.object(builtins, "open", recording_open),
        mock.patch.object(io, "open", recording_open),
    ):
        yield
