"""Verdicts: whether a target, a file or a workspace exports, in a few words.

They follow from the outcomes of targets, from the problems that are shown, and from the reasons why
files are not checked.  Server and command line show the same words.

- `verdict`: the form of all verdicts
- `targets`: the verdict on one target
- `files`: the verdict on a file, and on why a file is not checked
- `summary`: one sentence about many files
"""
