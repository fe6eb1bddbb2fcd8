"""Compare the shapes that export-lsp shows with those of the model in eager mode.

Usage: ``python -m tests.insight [FILE…]``; without files, the corpus and the examples.
"""
