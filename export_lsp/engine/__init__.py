"""Checks files and finds fixes: what the editor's server and the command line share.

The engine knows nothing of LSP.
"""
