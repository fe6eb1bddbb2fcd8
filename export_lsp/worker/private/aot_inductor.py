"""``torch._inductor.aoti_compile_and_package`` and ``aoti_load_package``.

They are documented, in a module with a private name.  The compiler's pool of processes is turned
off: a check is one process, and ends with what it has started.

Seen in torch 2.6 to 2.13.  Without these names there is no backend `aot-inductor`.
"""

from __future__ import annotations

import importlib
import os
from typing import Any

from torch.export import ExportedProgram

PACKAGE = "torch._inductor"


def compiled(program: ExportedProgram, folder: str) -> str:
    """Compile a program into a file in a folder, and return its path.

    Raises:
        Exception: whatever the compiler raises.
    """
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", os.path.join(folder, "cache"))
    inductor = importlib.import_module(PACKAGE)
    config = importlib.import_module(f"{PACKAGE}.config")
    with config.patch({"compile_threads": 1}):
        path: str = inductor.aoti_compile_and_package(
            program, package_path=os.path.join(folder, "model.pt2")
        )
    return path


def load(path: str) -> Any:
    """Load a compiled program as a callable.

    Raises:
        Exception: whatever torch raises.
    """
    return importlib.import_module(PACKAGE).aoti_load_package(path)
