"""Decides which file is checked when, and which run a newer save supersedes.

`schedule` decides, `runner` carries out a run, `owner` and `run` hold their states, and `slots`
bounds what runs at once.
"""
