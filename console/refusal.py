"""What a page says when it cannot do what was asked."""


class PageRefused(Exception):
    """The request ends in a page that says what is wrong and what to do.

    Attributes:
        status: of the response.
        title: what is wrong, in a few words of Chinese.
        message: how to go on.
    """

    def __init__(self, status: int, title: str, message: str = "") -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.message = message


def not_there(title: str = "没有找到这个页面", message: str = "网址可能写错了，或者内容已经撤下。") -> PageRefused:
    """404."""
    return PageRefused(404, title, message)


def not_yours(message: str = "您的账号没有这一项权限。需要的话，请找系统管理员加上。") -> PageRefused:
    """403."""
    return PageRefused(403, "您没有权限打开", message)


def changed_meanwhile(message: str) -> PageRefused:
    """409: somebody else was faster."""
    return PageRefused(409, "内容刚刚变了", message)
