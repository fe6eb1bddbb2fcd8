"""Run a model on real values: devices, random seeds, values for parameters, and its state."""
