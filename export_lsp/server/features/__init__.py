"""The answers to an editor's requests, one module a feature, made from a `View` alone.

A feature is a function of the view and the request's parameters; `server/app.py` lists them.
"""
