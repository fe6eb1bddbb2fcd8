"""The graph of an exported program, and the calls of a model's submodules in a trace."""
