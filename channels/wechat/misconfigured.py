"""What is wrong with how the public account is set up."""


class WechatMisconfigured(Exception):
    """The account cannot be opened as it is set up; the message says in Chinese what to mend."""
