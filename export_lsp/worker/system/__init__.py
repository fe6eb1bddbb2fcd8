"""Requests to the operating system: processes, forks, limits, descriptors, process titles."""
