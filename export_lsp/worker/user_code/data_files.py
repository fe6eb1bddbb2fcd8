"""Files of the user's that code reads while it is imported or builds a model: configurations."""

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

# In bytes; a check does not rest on what is larger, which may well be weights: those it does
# without.
LARGEST = 1 << 24


@contextlib.contextmanager
def record_reads(workspace: Workspace) -> Iterator[None]:
    """Within, what is read belongs to what the check rests on."""
    given = builtins.open

    def noting(file: Any, mode: Any = "r", *args: Any, **kwargs: Any) -> Any:
        stream = given(file, mode, *args, **kwargs)
        if isinstance(file, (str, os.PathLike)) and "r" in mode:
            _note(os.path.abspath(os.fspath(file)), workspace)
        return stream

    def _note(path: Any, workspace: Workspace) -> None:
        if not isinstance(path, str) or path.endswith(".py") or not workspace.contains(path):
            return
        # It has just been opened: what fails here is no regular file.
        with contextlib.suppress(OSError):
            if os.path.isfile(path) and os.path.getsize(path) <= LARGEST:
                with given(path, "rb") as stream:
                    workspace.data_files[path] = hashlib.sha256(stream.read()).hexdigest()

    with mock.patch.object(builtins, "open", noting), mock.patch.object(io, "open", noting):
        yield
