"""What a check did not find: no digest tells of a file that is not there, only the finding does."""

from __future__ import annotations

import re
from pathlib import Path

from export_lsp.protocol import Finding

_MISSING = re.compile(r"No module named|cannot import name|No such file")
_MODULE = re.compile(r"No module named '([\w.]+)'|cannot import name '(\w+)'")


def misses_something(finding: Finding) -> bool:
    """Whether a file that is made may answer otherwise."""
    return _MISSING.search(_words(finding)) is not None


def misses(finding: Finding, file: Path) -> bool:
    """Whether a file may be the module that could not be imported."""
    if finding.rule != "load-error":
        return False
    module = file.parent.name if file.stem == "__init__" else file.stem
    names = [".".join(found) for found in _MODULE.findall(_words(finding))]
    return any(module in name.split(".") for name in names)


def _words(finding: Finding) -> str:
    return f"{finding.message} {finding.detail}"
