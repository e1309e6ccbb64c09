"""Where the first start is found among the settings."""

from console.rights import ADMINISTRATORS
from console.settings.section import Section

FIRST_START = Section(
    "首次设置",
    "开通前要看一遍的几样：名称、单位、账号、放假、微信短信、知识库",
    "/first-start",
    icon="done",
    rights=ADMINISTRATORS,
    words="开始 向导 引导",
)
