"""The pages of what a hotline is made of: units, who gets what, working time, keys."""

from types import ModuleType

from console.settings import (
    api_keys,
    calendars,
    dispatch_files,
    dispatch_list,
    supervision,
    time_rules,
    unit_files,
    units,
)

ADMINISTRATION: tuple[ModuleType, ...] = (
    units,
    unit_files,
    dispatch_list,
    dispatch_files,
    calendars,
    time_rules,
    supervision,
    api_keys,
)
"""In the order of the overview."""
