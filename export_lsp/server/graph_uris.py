"""The URIs of graph documents.

``export-lsp-graph:///path/model.py.graph?{"level": "core", "target": "model"}``, percent-encoded.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from export_lsp.protocol import GRAPH_LEVELS, GraphLevel
from export_lsp.server.editor.documents import path_of

SCHEME = "export-lsp-graph"
# Its name in the editor is that of the file with this at its end.
SUFFIX = ".graph"


@dataclass(frozen=True)
class GraphName:
    """The graph of a target of a file, at a level."""

    file: Path
    target: str
    level: GraphLevel

    @property
    def uri(self) -> str:
        """The URI of its document."""
        path = self.file.as_uri().removeprefix("file:")
        query = quote(json.dumps({"level": self.level, "target": self.target}), safe="")
        return f"{SCHEME}:{path}{SUFFIX}?{query}"


def graph_name(uri: str) -> GraphName | None:
    """Return the graph that a URI stands for, None for any other URI.

    Editors escape more or fewer characters than there were escaped.
    """
    try:
        parts = urlsplit(uri)
        query = json.loads(unquote(parts.query))
        target, level = query["target"], query["level"]
    except (ValueError, TypeError, KeyError):  # an invalid host, or no query of ours
        return None
    if parts.scheme != SCHEME or not parts.path.endswith(SUFFIX):
        return None
    file = path_of(f"file://{parts.netloc}{parts.path.removesuffix(SUFFIX)}")
    if file is None or not isinstance(target, str) or level not in GRAPH_LEVELS:
        return None
    return GraphName(file, target, level)
