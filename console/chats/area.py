"""What talks with a person bring to the console."""

from collections.abc import Callable

from sqlalchemy import Connection

from console.area import Area, Need, RailItem, Route
from console.chats import news, phrases, talks
from console.office import Office
from console.rights import AGENTS, only
from handover.queue import count_waiting_within
from service.identity.roles import Actor, Role

_READERS = only(Role.AGENT, Role.SUPERVISOR)


def _count_waiting(_office: Office, _actor: Actor) -> Callable[[Connection], int]:
    return count_waiting_within


AREA = Area(
    routes=(
        Route("GET", "/chats", _READERS, talks.show_chats, "人工会话"),
        Route("GET", "/chats/news", _READERS, news.stream_news, "会话的新动静", watches=True),
        Route("POST", "/chats/entries", AGENTS, talks.find_entries, "给市民找条目"),
        Route("POST", "/chats/duty", AGENTS, talks.change_duty, "上线、下线"),
        Route("POST", "/chats/{number}/take", AGENTS, talks.take, "接入"),
        Route("POST", "/chats/{number}/say", AGENTS, talks.say, "对市民说"),
        Route("POST", "/chats/{number}/entry", AGENTS, talks.send_entry, "发送条目"),
        Route("POST", "/chats/{number}/release", _READERS, talks.release, "退回排队"),
        Route("POST", "/chats/{number}/transfer", AGENTS, talks.transfer, "转给同事"),
        Route("POST", "/chats/{number}/end", AGENTS, talks.end, "结束会话"),
        Route("GET", "/chats/{number}/draft", AGENTS, talks.show_draft, "从会话起草工单"),
        Route("POST", "/chats/{number}/ticket", AGENTS, talks.open_ticket, "从会话登记工单"),
        Route("GET", "/chats/phrases", AGENTS, phrases.show_phrases, "常用语"),
        Route("POST", "/chats/phrases", AGENTS, phrases.add_phrase, "存常用语；热线的由值班负责人存"),
        Route("POST", "/chats/phrases/{phrase}/remove", AGENTS, phrases.remove_phrase, "删常用语"),
    ),
    rail=(RailItem("人工会话", "chat", "/chats", need="chats_waiting", about="上线后，要人工的市民会排到您"),),
    needs=(Need("chats_waiting", "位市民在等人工", "/chats", _count_waiting),),
)
