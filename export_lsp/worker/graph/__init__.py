"""Questions about an exported program's graph, and about the calls of a model's submodules."""
