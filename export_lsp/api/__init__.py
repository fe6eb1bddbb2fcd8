"""Checks from Python: ``export_lsp.check(path)`` and ``export_lsp.assert_exports(model, args)``.

`results` has the types of results and `conversion` makes them; `session` keeps the worker
processes; `checking` and `live_models` have the two functions.
"""

from __future__ import annotations

from export_lsp.api.checking import check
from export_lsp.api.live_models import assert_exports
from export_lsp.api.results import CheckError, Edit, Fix, Note, Place, Problem, Result, Target

__all__ = [
    "CheckError",
    "Edit",
    "Fix",
    "Note",
    "Place",
    "Problem",
    "Result",
    "Target",
    "assert_exports",
    "check",
]
