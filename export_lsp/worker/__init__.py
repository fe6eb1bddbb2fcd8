"""The code that runs in the user's interpreter: hosts, their runs, and the checks of the runs."""
