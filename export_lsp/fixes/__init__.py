"""From remedies to edits: one module a kind.  Nothing here needs torch.

The syntax is read with Python's own `ast`, and edits replace exact ranges of the text, so that
whatever they do not touch stays as it is, byte for byte.
"""
