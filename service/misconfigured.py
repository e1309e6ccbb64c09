"""What keeps an installation from working as it is set up."""


class Misconfigured(Exception):
    """A file or a setting of the installation cannot be used; the message says in Chinese what to mend."""
