"""What the worker asks of the operating system: limits, forks, descriptors, process titles."""
