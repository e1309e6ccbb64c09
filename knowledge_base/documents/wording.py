"""What a citizen would ask to get a section of a document; the editor of the draft has the last word."""

import re

from knowledge_base.documents.sections import Section
from knowledge_base.entry import Facet
from knowledge_base.facet_words import asked_facet

_IS_QUESTION = re.compile("[?？]$|吗$|怎么|如何|什么|哪|多少|是否")
_DECREE = re.compile(r"^.*?关于(?:印发|发布|公布|修订|调整|做好|进一步)*《?|》?的(?:通知|公告|通告|意见|决定|批复|函)$")
_KIND = re.compile(
    r"(?:管理|实施|暂行)*(?:办法|规定|条例|细则|规则|规程|方案|意见|通知|公告)$|(?:办事|服务)?(?:指南|须知|问答|说明)$"
)
_BRACKETS = re.compile(r"[（(][^（()）]*[)）]$|[《》]")
_ASKED = {
    Facet.CONDITIONS: "要符合什么条件？",
    Facet.MATERIALS: "要准备什么材料？",
    Facet.STEPS: "按什么流程办？",
    Facet.TIME_LIMIT: "多久能办好？",
    Facet.FEE: "要多少钱？",
    Facet.PLACE: "在哪里办？",
    Facet.PHONE: "打什么电话咨询？",
    Facet.ONLINE: "能在网上办吗？",
    Facet.LEGAL_BASIS: "依据哪些规定？",
}


def question_of(title: str, section: Section) -> str:
    """A question for a section: its heading if that asks, else what the document is about and what the heading says."""
    topic = _topic(title)
    heading = section.heading.strip()
    if not heading:
        return f"《{title}》{section.article}说的是什么？" if section.article else f"{topic}有哪些规定？"
    if _IS_QUESTION.search(heading):
        return heading
    facet = asked_facet(heading)
    if facet is not None:
        return topic + _ASKED[facet]
    return f"{heading}有什么规定？" if topic in heading else f"{topic}的{heading}有什么规定？"


def _topic(title: str) -> str:
    """What a document is about, without what kind of document it is."""
    topic = _BRACKETS.sub("", _DECREE.sub("", title).strip()).strip()
    return _KIND.sub("", topic) or topic or title
