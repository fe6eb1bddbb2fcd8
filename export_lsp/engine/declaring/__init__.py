"""Looks for example inputs of models that declare none, with the help of their whole project.

`project_files` reads the project, `models` selects the models, `search` tries the guesses at their
inputs, and `changes` writes those that ran into a model's file or into pyproject.toml.
"""
