"""Measurements: each module prints figures, side by side with the alternative where there is one."""
