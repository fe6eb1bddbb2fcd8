"""One module for each kind of remedy, named after it: `fake-kernel` is ``fake_kernel.py``.

Each has a function ``candidates(remedy, sources)`` that yields the `Candidate`s for a remedy of its
kind, the one to try first ahead.  `sources` has the files that may be edited, by path, the
remedy's own among them.  It yields nothing where the syntax at the remedy's location is none that
it can rewrite, and never raises for that.  The module's docstring says how the kind uses the fields
of `Remedy`.
"""
