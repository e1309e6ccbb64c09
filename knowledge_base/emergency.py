"""Danger to life or savings: which number to call, by what is said."""

import re
from dataclasses import dataclass

_FRAUD = re.compile(
    r"被.{0,6}骗(?!保|补)|(遇|碰|撞)(到|上|见)了?.{0,4}(骗子|诈骗)|(给|告诉)了?骗子|(被|遭).{0,4}(诈骗|盗刷)"
    r"|诈骗.{0,12}(转|汇|打)(了|过去|钱|账)|骗(走|光|去)了?我?.{0,6}(钱|万|块|元)"
)
# A quarrel with a shop or an employer, or somebody who asks how to beware: not money on its way to a stranger.
_NO_FRAUD = re.compile(
    r"中介|商[家场店]|店|健身|培训|机构|押金|物业|开发商|房东|装修|定金|教练|美容|办卡|充值卡|预付|退费|消费|老板|包工头|工资"
    r"|(怎么|如何|怎样)(防|避免|识别|判断|预防)|防止|谨防|以防|怕被|会不会|是不是|宣传|讲座|案例|传销|欺骗|诱骗|骗[入进去到]"
)
_FRAUD_LONGEST = 80  # characters: in the midst of it people say little; a long story is a request


def tells_of_fraud(text: str) -> bool:
    """Whether a message tells that strangers have somebody's money, or are about to."""
    if len(text) > _FRAUD_LONGEST or _NO_FRAUD.search(text):
        return False
    return _FRAUD.search(text) is not None


@dataclass(frozen=True, slots=True)
class Advice:
    """What to tell somebody in danger.

    Attributes:
        numbers: the emergency numbers, the most pressing first.
    """

    text: str
    numbers: tuple[str, ...]


_RULES: tuple[tuple[re.Pattern[str], Advice], ...] = (
    (
        re.compile(r"自杀|轻生|不想活|想死|活不下去|跳楼|割腕|寻短见|结束生命|遗书"),
        Advice(
            "我很担心您。请马上拨打 110，或者 12356 心理援助热线，会有人一直陪着您。"
            "如果身边有人，请现在就告诉他。您此刻安全吗？",
            ("110", "12356", "120"),
        ),
    ),
    (
        re.compile(r"煤气|燃气|天然气|液化气"),
        Advice(
            "请先离开那里：不要开关任何电器，不要打火，能顺手就关阀门、开窗通风。"
            "到室外安全的地方再拨打 119，有人不舒服拨打 120。您现在安全吗？",
            ("119", "120"),
        ),
    ),
    (
        re.compile(
            r"着火|起火|火灾|冒烟|浓烟|爆炸|烧起来|失火|冒火|触电|被困|电梯|落水|掉.{0,3}[水河井坑湖]|溺水|坍塌|塌了|倒塌|泄漏"
        ),
        Advice(
            "请马上离开危险的地方，拨打 119；有人受伤拨打 120。不要坐电梯，不要回去拿东西。您现在安全吗？",
            ("119", "120"),
        ),
    ),
    (
        re.compile(r"车祸|撞(?:了|到|人|车|倒|伤|飞)|交通事故|追尾|翻车|肇事"),
        Advice(
            "有人受伤请先拨打 120，再拨打 122 报交通事故。不要随意移动伤者，"
            "人撤到路边安全处，打开双闪、放好警示牌。您现在安全吗？",
            ("120", "122", "110"),
        ),
    ),
    (
        re.compile(r"走丢|走失|失踪|找不到(?:孩子|老人|人)|被拐"),
        Advice(
            "请马上拨打 110 报警，不用等 24 小时；说清走失的时间、地点、穿着和照片在哪。"
            "同时请身边的人分头去他常去的地方找，留一个人在原地等。",
            ("110",),
        ),
    ),
    (
        re.compile(
            r"打我|打人|殴打|被打|打架|家暴|砍|捅|拿刀|持刀|抢劫|绑架|跟踪|威胁|入室|强奸|猥亵|救命|报警|有贼|小偷"
        ),
        Advice(
            "请先到安全、有人的地方，马上拨打 110；不方便说话可以发短信到 12110。有人受伤拨打 120。您现在安全吗？",
            ("110", "120"),
        ),
    ),
    (
        re.compile(
            r"晕倒|昏迷|没呼吸|心脏|抽搐|大出血|流血|中毒|休克|胸口|喘不上|呼吸困难|快生了|中风|受伤|骨折|噎|卡住喉|烫伤|不省人事|晕过去"
        ),
        Advice(
            "请马上拨打 120，说清在哪里、什么情况，听从医生在电话里的指导，守在他身边。您现在安全吗？", ("120", "110")
        ),
    ),
)
_GENERAL = Advice("如果有人受伤或正处在危险中，请马上拨打 120 / 110 / 119。您现在安全吗？", ("110", "120", "119"))


_OF_FRAUD = Advice(
    "先别慌，也别再转账、别再跟对方联系。钱已经转出去了，请马上拨打 110 报警，越早越可能把钱拦住；"
    "拿不准是不是诈骗，拨打反诈专线 96110。聊天和转账记录先别删。上当不是您的错。",
    ("96110", "110"),
)


def advice(text: str) -> Advice:
    """What to do first in the danger a message tells of."""
    if tells_of_fraud(text):
        return _OF_FRAUD
    return next((told for words, told in _RULES if words.search(text)), _GENERAL)
