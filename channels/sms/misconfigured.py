"""What is wrong with how SMS are set up."""

from service.misconfigured import Misconfigured


class SmsMisconfigured(Misconfigured):
    """SMS cannot be opened as they are set up; the message says in Chinese what to mend."""
