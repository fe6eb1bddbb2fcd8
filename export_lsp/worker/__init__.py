"""What runs in the user's interpreter: the worker host, its runs, and everything that needs torch."""
