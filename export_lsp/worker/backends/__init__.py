"""Backends that exported programs are converted for.

`backend` says what a backend is; each is the module of its name.  `survey` asks one about a
program, `comparison` compares the results, and `findings` turns the answers into findings.
"""
