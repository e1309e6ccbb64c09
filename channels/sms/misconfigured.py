"""What is wrong with how SMS are set up."""


class SmsMisconfigured(Exception):
    """SMS cannot be opened as they are set up; the message says in Chinese what to mend."""
