"""Models for each backend that state in comments what a check for it reports.

The comments are those of the corpus (`tests/corpus/README.md`).
"""

from __future__ import annotations

from pathlib import Path

from export_lsp.protocol import Backend
from export_lsp.worker.backends import backend as backends

FOLDER = Path(__file__).parent


def files_of(name: Backend) -> list[Path]:
    """Return the model files for a backend."""
    return sorted((FOLDER / name).glob("*.py"))


def is_installed(name: Backend) -> bool:
    """Return whether this interpreter has the packages of a backend."""
    return not backends.missing_packages(backends.load(name))
