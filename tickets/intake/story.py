"""What happened, in a citizen's own words."""

import re

_TEXT_LIMIT = 1000
_ENOUGH_STORY = 4

# The announcement of a request is not yet its story: "我要投诉" alone leaves everything to be asked.
_ANNOUNCEMENT = re.compile(
    r"^[\s，,。.！!]*(你好|您好|请问)?[\s，,]*(我|俺|咱)?(们)?(还|再|又)?(想要?|要|需要|得)?(进行|再)?(有个|有件)?(困难|事情?|问题)?(想|要)?(一个|个|一下|下)?"
    r"(投诉|举报|求助|反映|反应|建议|表扬|报修|登记)(一个|一件|一下|个|件|下|点)?(问题|事情?|情况|意见|建议)?[\s，,。.！!：:]*"
)


def without_announcement(text: str) -> str:
    """What a message says after it has announced itself as a request."""
    return _ANNOUNCEMENT.sub("", text)


def read_story(text: str) -> str | None:
    """The message as a description, if it tells what happened and does not only announce a request."""
    story = without_announcement(text).strip()
    return text.strip()[:_TEXT_LIMIT] if len(story) >= _ENOUGH_STORY else None


def read_description(text: str) -> str | None:
    """The answer to "what happened"; None when nothing can be made of it."""
    text = text.strip()
    return text[:_TEXT_LIMIT] if len(re.findall(r"[\u4e00-\u9fa5A-Za-z0-9]", text)) >= 4 else None
