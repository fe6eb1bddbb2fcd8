"""Checks and events whose files lie elsewhere on another machine."""

from __future__ import annotations

import functools
import json
import os
import re
from dataclasses import dataclass, replace

from export_lsp import wire
from export_lsp.protocol import Check, Loaded, Location, RunEvent


@dataclass(frozen=True)
class MovedFolder:
    """A workspace folder on this machine (`here`), and its copy on a node (`there`).

    Both may be the same path: the machines share the folder then.
    """

    here: str
    there: str

    def check(self, check: Check) -> Check:
        """Return a check of this machine as one of the node."""
        if self.here == self.there:
            return check
        return replace(
            check,
            folder=self._path(check.folder),
            file=self._path(check.file),
            targets=tuple(
                replace(each, location=self._location(each.location)) for each in check.targets
            ),
            extra_paths=tuple(map(self._path, check.extra_paths)),
            texts={self._path(file): text for file, text in check.texts.items()},
            guard=self._location(check.guard) if check.guard is not None else None,
        )

    def encoded(self, event: RunEvent) -> bytes:
        """Return an event of the node as a line about the files of this machine.

        What the node has looked at besides the user's files is left out.
        """
        if isinstance(event, Loaded):
            event = replace(event, observed={})
        line = wire.encode(event)
        if self.here == self.there:
            return line
        # The name of the copy is unique: wherever it stands, in a traceback too, it means the copy.
        return self._mentions.sub(self._here_for, line)

    @functools.cached_property
    def _mentions(self) -> re.Pattern[bytes]:
        """Matches the path of the copy, and the end of it that torch's texts have of it."""
        path = _in_json(self.there)
        names = path.rpartition(b"/")[0].rpartition(b"/")[2] + b"/" + path.rpartition(b"/")[2]
        return re.compile(rb"[^\s\"'(]*?" + re.escape(names))

    def _here_for(self, mention: re.Match[bytes]) -> bytes:
        there, here = _in_json(self.there), _in_json(self.here)
        if (full := mention[0].find(there)) >= 0:
            return mention[0][:full] + here
        left_out = len(there) - len(mention[0])
        return here[left_out:] if there.endswith(mention[0]) else mention[0]

    def _path(self, path: str) -> str:
        if path == self.here:
            return self.there
        prefix = self.here.rstrip(os.sep) + os.sep
        return os.path.join(self.there, path[len(prefix) :]) if path.startswith(prefix) else path

    def _location(self, location: Location) -> Location:
        return replace(location, file=self._path(location.file))


def _in_json(path: str) -> bytes:
    return json.dumps(path)[1:-1].encode("ascii")
