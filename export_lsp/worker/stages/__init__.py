"""The stages of the pipeline: each does its part and turns what is raised into findings."""
