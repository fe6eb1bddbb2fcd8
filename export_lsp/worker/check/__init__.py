"""One check in its own process: import the file, find its targets, take each through the stages."""
