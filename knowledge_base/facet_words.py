"""Which side of a matter a question asks about: materials, time, fee …"""

import re

from knowledge_base.entry import Facet

_WORDS: tuple[tuple[Facet, re.Pattern[str]], ...] = (
    (Facet.LEGAL_BASIS, re.compile(r"依据|法律规定|哪条(?:法|规定)|哪个文件|什么文件|哪部法|法规")),
    (
        Facet.MATERIALS,
        re.compile(r"材料|资料|证件|要带|带(?:啥|什么|哪些|点啥)|准备(?:啥|什么|哪些)|手续要|需要(?:啥|什么|哪些)证"),
    ),
    (Facet.FEE, re.compile(r"多少钱|收费|费用|要钱|花钱|免费|工本费|交钱|几块")),
    (
        Facet.TIME_LIMIT,
        re.compile(
            r"多久|几天|多长时间|几个工作日|什么时候(?:能|可以)?(?:好|下来|拿到|到账)|多少天|啥时候(?:能)?(?:好|下来|拿|到账)"
        ),
    ),
    (Facet.ONLINE, re.compile(r"网上|手机上?(?:能|可以|办)|线上|小程序|app|APP|在线")),
    (Facet.PHONE, re.compile(r"电话|联系方式|打哪个号|咨询号码|热线号码")),
    (
        Facet.PLACE,
        re.compile(
            r"去哪|在哪|哪里办|哪儿办|到哪|地址|什么地方|哪个窗口|几点(?:上班|下班|开门|关门)|上班时间|周[末六日].{0,3}(?:上班|开门|办)|哪个部门"
        ),
    ),
    (Facet.CONDITIONS, re.compile(r"条件|符合|资格|(?:我|谁|哪些人)(?:能|可以)(?:不能)?(?:办|申请|领)|够不够格")),
    (Facet.STEPS, re.compile(r"流程|步骤|怎么(?:办|弄|申请|走)|咋(?:办|弄|申请)|先.{0,4}后|第一步")),
)
# What may surround facet words in a follow-up without naming anything new.
_FILLER = re.compile(
    r"那么?|如果|要是|的话|这个|那个|这事|这件事|它|还|都|需要|要|得|给|请问|一下|想问|我|您|你|能|可以|会|是|有|吗|呢|啊|呀|吧|嘛|了|的|么|些|"
    r"什么|啥|哪些|多少|怎么|咋|大概|一共|总共|一般|办理|办|弄|申请|去|到|来|在|上|好|再|说|准备|提供|提交|带|拿|交|和|跟|就|不|没|人|"
    r"多久|几天|时间|时候|工作日|多长|现在|最快|行|下来|完|证|[\s，,。.？?！!、]"
)


def asked_facet(text: str) -> Facet | None:
    """The facet a question asks about by its words; None when it asks for no side in particular.

    "怎么办" alone asks for the whole answer and is no facet.
    """
    for facet, words in _WORDS:
        if facet is not Facet.STEPS and words.search(text):
            return facet
    return Facet.STEPS if re.search(r"流程|步骤|第一步", text) else None


def is_bare_follow_up(text: str) -> bool:
    """Whether a question names nothing but a side: it is about the matter already spoken of."""
    rest = text
    for _, words in _WORDS:
        rest = words.sub("", rest)
    return len(_FILLER.sub("", rest)) <= 1
