"""The worker processes that stay between checks, so that a run starts warm.

The main host imports torch and forks one run for each check.  Nested hosts are forked from it: a
library host has also imported the libraries of some files, a model host has also built the model of
one file.  Where a process cannot be forked, a standby process replaces the main host.
"""
