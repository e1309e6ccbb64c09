"""Why something about time is not taken."""


class TimeSettingsRefused(Exception):
    """Calendar, rules or ladder cannot be taken as written; the message says where and why, in Chinese."""


class DeadlineRefused(Exception):
    """A deadline cannot be paused, resumed or extended; the message says why, in Chinese."""
