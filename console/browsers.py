"""What a browser calls itself, in words its owner knows."""

# The first that is named counts: most browsers also claim to be the ones after them.
_BROWSERS = (
    ("MicroMessenger", "微信"),
    ("DingTalk", "钉钉"),
    ("Edg", "Edge"),
    ("360SE", "360 浏览器"),
    ("QQBrowser", "QQ 浏览器"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "安卓"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("HarmonyOS", "鸿蒙"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str) -> str:
    """Browser and system by name: Edge，Windows."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "别的浏览器")
    system = next((name for sign, name in _SYSTEMS if sign in user_agent), "")
    return f"{browser}，{system}" if system else browser
