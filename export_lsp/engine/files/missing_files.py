"""Finds out which files a check has missed.

No digest tells that a missing file has appeared.  Only the finding says that it was missing.
"""

from __future__ import annotations

import re
from pathlib import Path

from export_lsp.protocol import Finding

_MISSING = re.compile(r"No module named|cannot import name|No such file")
_MODULE = re.compile(r"No module named '([\w.]+)'|cannot import name '(\w+)'")


def is_about_missing_file(finding: Finding) -> bool:
    """Return whether a finding may go once a file is created."""
    return _MISSING.search(_text(finding)) is not None


def may_be_missing_module(file: Path, finding: Finding) -> bool:
    """Return whether a file may be the module whose import failed, according to a finding."""
    if finding.rule != "load-error":
        return False
    module = file.parent.name if file.stem == "__init__" else file.stem
    names = [".".join(found) for found in _MODULE.findall(_text(finding))]
    return any(module in name.split(".") for name in names)


def _text(finding: Finding) -> str:
    return f"{finding.message} {finding.detail}"
