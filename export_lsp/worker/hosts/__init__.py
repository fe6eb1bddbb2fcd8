"""Worker processes that are kept between checks, so that a run starts warm.

The main host imports torch and forks one run for each check.  Nested hosts are forked from it: a
library host has also imported the packages that some files need, a model host has also built the
model of one file.  Where a process cannot be forked, a standby process takes the host's place.
"""
