"""What is wrong with how the public account is set up."""

from service.misconfigured import Misconfigured


class WechatMisconfigured(Misconfigured):
    """The account cannot be opened as it is set up; the message says in Chinese what to mend."""
