"""Running a model on real values: the device, the seeds, and the values of its parameters."""
