"""What the tickets bring to the console."""

from console.area import Area, Finder, RailItem, Route
from console.rights import AGENTS, HOTLINE, only
from console.tickets import alarms, dispatching, messages, templates
from console.tickets.finding import NEEDS, count_waiting, find, find_units
from console.tickets.lists import bulk, exporting
from console.tickets.lists import page as lists
from console.tickets.one import doing, files, page, replying
from console.tickets.own import EVERYBODY
from service.identity.roles import Role

_DISPATCHERS = only(Role.DISPATCHER)
_WRITERS = only(Role.AGENT, Role.DISPATCHER, Role.UNIT_CLERK, Role.UNIT_HEAD)
_ONE = "/tickets/{number}"

AREA = Area(
    routes=(
        Route("GET", "/tickets", EVERYBODY, lists.show_list, "工单清单"),
        Route("POST", "/tickets/filters", EVERYBODY, lists.save_filter, "存一个筛选"),
        Route("POST", "/tickets/filters/{filter}/drop", EVERYBODY, lists.drop_filter, "删掉一个筛选"),
        Route("POST", "/tickets/dispatch", _DISPATCHERS, bulk.dispatch_several, "几张工单一起派"),
        Route("POST", "/tickets/urge", AGENTS, bulk.urge_several, "几张工单一起催办"),
        Route("POST", "/tickets/export", EVERYBODY, exporting.export, "导出清单；完整信息只给督办，要写原因"),
        Route("GET", "/tickets/exports/{file}", EVERYBODY, exporting.download, "下载自己导出的文件"),
        Route("GET", _ONE, EVERYBODY, page.show_ticket, "一张工单；单位只看自己的"),
        Route("POST", f"{_ONE}/full", EVERYBODY, page.show_in_full, "看诉求人的完整信息，要写原因"),
        Route("POST", f"{_ONE}/moves/{{verb}}", EVERYBODY, doing.make_move, "办理，按流转表"),
        Route("POST", f"{_ONE}/words", EVERYBODY, replying.check_words, "写的时候检查答复，存草稿"),
        Route("GET", f"{_ONE}/files/{{file}}", EVERYBODY, files.download, "下载附件"),
        Route("GET", "/dispatching", _DISPATCHERS, dispatching.show_next, "派单台"),
        Route("POST", "/dispatching", _DISPATCHERS, dispatching.dispatch, "在派单台派单"),
        Route("GET", "/alarms", HOTLINE, alarms.show_alarms, "预警"),
        Route("POST", "/alarms/{alarm}/acknowledge", HOTLINE, alarms.acknowledge, "接手预警"),
        Route("POST", "/alarms/{alarm}/close", HOTLINE, alarms.close, "关闭预警"),
        Route("GET", "/messages", EVERYBODY, messages.show_messages, "消息"),
        Route("POST", "/messages/read", EVERYBODY, messages.mark_read, "消息标为已读"),
        Route("GET", "/reply-templates", _WRITERS, templates.show_templates, "常用答复"),
        Route("POST", "/reply-templates", _WRITERS, templates.save_template, "写常用答复"),
        Route("POST", "/reply-templates/{template}/remove", _WRITERS, templates.remove_template, "删常用答复"),
        Route("POST", "/reply-templates/{template}/restore", _WRITERS, templates.restore_template, "放回常用答复"),
    ),
    rail=(
        RailItem("派单台", "send", "/dispatching", need="to_dispatch", about="一张一张地派，建议和理由在旁边"),
        RailItem("工单", "ticket", "/tickets", need="today", about="按状态、单位、日期看，筛选可以存下来"),
        RailItem("预警", "alert", "/alarms", need="alarms", about="突然增多的、屡办不成的、危险的"),
        RailItem("消息", "bell", "/messages", need="messages", about="派来的、快到期的、有答复的"),
    ),
    needs=NEEDS,
    counts=count_waiting,
    finders=(
        Finder("工单", EVERYBODY, find, "完整的工单编号、上级平台的编号"),
        Finder("单位的工单", EVERYBODY, find_units, "单位的名称"),
    ),
)
