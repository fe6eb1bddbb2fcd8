"""Decides which file is checked when, and which run a newer save supersedes."""
