"""Why a snapshot cannot be made; needs no torch, so that hosts may know it."""

from __future__ import annotations


class FilesChangedError(Exception):
    """Of what is there now this cannot be made; it could a moment ago, and may be again."""
