"""Made-up tickets of a made-up town."""

import random

from tickets.dispatch.request import ClosedTicket, Request

TOPICS = {
    "城管局": ("夜宵摊占道经营", "广告牌歪了", "流动摊贩堵住人行道", "店铺油烟直排"),
    "交警支队": ("红绿灯不亮", "路口乱停车", "车辆逆行没人管", "斑马线看不清"),
    "教育局": ("学校补课收费", "孩子入学被拒", "幼儿园食堂不卫生", "老师布置作业太多"),
    "人社局": ("公司拖欠工资", "社保断缴", "工伤认定太慢", "养老金没有到账"),
}
_STREETS = ("和平路", "建设街", "东门口", "西湖边", "新村")
_TELLING = ("请尽快处理", "已经反映过几次", "希望有人来看看", "麻烦帮忙解决", "影响大家生活")


def history(count: int, seed: int = 7) -> list[ClosedTicket]:
    chance = random.Random(seed)
    units = list(TOPICS)
    tickets = []
    for number in range(count):
        unit = units[chance.randrange(len(units))]
        text = (
            f"{chance.choice(_STREETS)}{chance.choice(TOPICS[unit])}，{chance.choice(_TELLING)}{chance.randrange(99)}"
        )
        tickets.append(ClosedTicket(Request(text), unit, f"2026{number:06}"))
    return tickets
