"""An environment for each backend, made once and kept."""

from __future__ import annotations

from pathlib import Path

from tests.wild.case import Library
from tests.wild.environments import python_of

REQUIREMENTS: dict[str, tuple[str, ...]] = {
    "onnx": ("torch==2.13.0", "onnx", "onnxscript", "onnxruntime", "transformers==5.23.0"),
    "executorch": ("torch==2.13.0", "executorch==1.5.1", "transformers==5.23.0"),
    "executorch-xnnpack": ("torch==2.13.0", "executorch==1.5.1", "transformers==5.23.0"),
    "aot-inductor": ("torch==2.13.0", "transformers==5.23.0"),
}


def environment_of(backend: str, directory: Path) -> Path:
    """Return the interpreter of a backend's environment, which is made if it is missing.

    Raises:
        subprocess.CalledProcessError: pip could not install the packages.
    """
    name = backend.partition("-")[0]
    return python_of(Library(backend, "", name, REQUIREMENTS[backend], "", ()), directory)
