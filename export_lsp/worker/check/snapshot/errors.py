"""Reasons why a snapshot cannot be made or used.  Torch-free, so that hosts can import it."""

from __future__ import annotations


class FilesChangedError(Exception):
    """The files no longer load and build as they did in the last run, but may do so again."""


class NotResumableError(Exception):
    """A check cannot resume from the snapshot: its result may differ from a check from scratch.

    The message says why, for the log.
    """
