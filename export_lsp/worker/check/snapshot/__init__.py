"""A snapshot: a process in which a file is imported and its first model is built.

A check of an edited file resumes from the snapshot if only bodies of functions changed.
"""
