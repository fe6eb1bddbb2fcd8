"""torch's private names, one module a concern.

Each module says in which version the names were seen and what is lost when one is missing.
"""
