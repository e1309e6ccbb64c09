"""The program: the command line, its processes, and how all parts are put together. Nothing below imports it."""
