"""What a follower's message or tap is answered: a turn of the dialogue, or a sentence of the account's own."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from actions.present import ask_about
from actions.reply import REGISTER, TITLE_LIMIT, TO_PERSON, Button, button, notice
from bot.assistant import Assistant, Incoming
from bot.payloads import PayloadRefused, parse_payload
from channels.outcomes import SendRefused, SendUnknown
from channels.wechat.arriving.arrival import Arrival
from channels.wechat.arriving.chosen import chosen
from channels.wechat.arriving.pace import Pace
from channels.wechat.arriving.voice import Recogniser
from channels.wechat.held_files import HeldFiles
from channels.wechat.platform.media import Media
from channels.wechat.rendering import Reply
from channels.wechat.scenes import Scenes
from knowledge_base.knowledge import Knowledge
from service.kept.sentences import Spoken
from service.settings import Settings
from tickets.attachments.refusal import AttachmentRefused
from tickets.desk import TicketDesk
from tickets.moves import Verb

CHANNEL = "wechat"

Told = Callable[[Connection, Sequence[Reply]], None]
"""Takes all that is said to an arrival, as part of the transaction that keeps it."""

_TEXT_LIMIT = 1000  # characters, as on the website
_POPULAR = 6
_CHOSEN_LIMIT = 8  # characters
_ADD = "add_to_ticket"
_NOTE_FORM = "note_form"
_TICKET_FORM = "ticket_form"


@dataclass(frozen=True, slots=True)
class Answering:
    """Answers arrivals. The same arrival again gives the same replies, and does nothing a second time.

    Attributes:
        pace: how many turns run at once, and which goes first.
    """

    assistant: Assistant
    knowledge: Knowledge
    desk: TicketDesk
    held: HeldFiles
    scenes: Scenes
    media: Media | None
    recogniser: Recogniser | None
    wording: Spoken
    settings: Settings
    pace: Pace

    def answers(self, arrival: Arrival) -> bool:
        """Whether the follower expects something to be said."""
        return arrival.kind == "text" or arrival.kind in self._kinds()

    def failed(self) -> str:
        """What to say when nothing else can be said."""
        return self._words("failed")

    async def replies(self, arrival: Arrival, conversation: str, told: Told) -> list[Reply]:
        """What to say to an arrival that `answers`.

        Args:
            told: called where the replies are those of one turn that has not been run before, and nothing else.
        """
        if arrival.kind == "text":
            return await self._text(arrival, conversation, told)
        return await self._kinds()[arrival.kind](arrival, conversation)

    def _kinds(self) -> "dict[str, Callable[[Arrival, str], Awaitable[list[Reply]]]]":
        return {
            "voice": self._voice,
            "image": self._file,
            "video": self._file,
            "shortvideo": self._file,
            "location": self._location,
            "link": self._link,
            "file": self._unreadable,
            "miniprogrampage": self._unreadable,
            "event.subscribe": self._welcome,
            "event.subscribe_scan": self._scan,
            "event.scan": self._scan,
            "event.click": self._click,
        }

    async def _text(self, arrival: Arrival, conversation: str, told: Told) -> list[Reply]:
        text, tapped = arrival.text("Content"), arrival.text("bizmsgmenuid")
        if tapped.startswith("/"):  # what we gave the choice as its id
            with suppress(PayloadRefused):
                return await self._press(arrival, conversation, {"title": text[:TITLE_LIMIT], "payload": tapped}, told)
        return await self._said(arrival, conversation, text, told)

    async def _said(self, arrival: Arrival, conversation: str, text: str, told: Told | None = None) -> list[Reply]:
        """What they typed or spoke: a choice among what was offered last, or words of their own."""
        text = "".join(c for c in text.replace("\u3000", " ") if c.isprintable() or c in "\n\t").strip()
        if not text:
            return [notice(self._words("say_more"))]
        if len(text) > _TEXT_LIMIT:
            return [notice(self._words("too_long"))]
        # Only short words are looked up: a long title typed in full is found as a question as well.
        may_choose = arrival.text("bizmsgmenuid") or len(text) <= _CHOSEN_LIMIT
        meant = await self._chosen(text, conversation) if may_choose else None
        if meant is not None:
            with suppress(PayloadRefused):  # an older version offered it
                return await self._press(arrival, conversation, meant, told)
        return await self._turn(Incoming(conversation, CHANNEL, _turn_of(arrival), text=text, within=_alone(told)))

    async def _chosen(self, text: str, conversation: str) -> Button | None:
        last = await self.assistant.transcript.last_replies(conversation)
        return chosen(text, [message.body for message in last])

    async def _press(
        self, arrival: Arrival, conversation: str, pressed: Button, told: Told | None = None
    ) -> list[Reply]:
        payload, title = pressed["payload"], pressed["title"]
        added = await self._added_to_chosen(conversation, payload)
        within = None if added else _alone(told)
        incoming = Incoming(conversation, CHANNEL, _turn_of(arrival), payload=payload, title=title, within=within)
        return [*added, *await self._turn(incoming)]

    async def _turn(self, incoming: Incoming) -> list[Reply]:
        async with self.pace.turn(incoming.conversation):
            outcome = await self.assistant.turn(incoming)
        replies = [message.body for message in outcome.replies]
        if _opens_ticket(replies) and await self.held.wait(incoming.conversation):
            own = await self.desk.of_conversation(incoming.conversation)
            refused = await self.held.add_to_new(incoming.conversation, own)
            replies += [notice(reason) for reason in refused]
        return replies

    async def _voice(self, arrival: Arrival, conversation: str) -> list[Reply]:
        heard = arrival.text("Recognition").strip()
        if not heard:
            if self.recogniser is None or self.media is None:
                return [notice(self._words("please_type"))]
            try:
                medium = await self.media.download(arrival.text("MediaId"))
            except (AttachmentRefused, SendRefused, SendUnknown):
                return [notice(self._words("not_heard"))]
            heard = (await self.recogniser.recognise(medium.content, medium.kind.stored_as[1])).strip()
        if not heard:
            return [notice(self._words("not_heard"))]
        said = await self._said(arrival, conversation, heard)
        return [notice(self._words("heard", text=heard)), *said]

    async def _file(self, arrival: Arrival, conversation: str) -> list[Reply]:
        if self.media is None:
            return [notice(self._words("no_files"), REGISTER, TO_PERSON)]
        try:
            medium = await self.media.download(arrival.text("MediaId"))
            await self.held.keep(arrival.key, conversation, medium.content, arrival.kind)
        except AttachmentRefused as refusal:
            return [notice(str(refusal))]
        except (SendRefused, SendUnknown):
            return [notice(self._words("file_lost"))]
        return await self._placed(arrival, conversation)

    async def _placed(self, arrival: Arrival, conversation: str) -> list[Reply]:
        """Where a file goes: to the ticket spoken of, into the open form, or it waits for a ticket."""
        standing = await self.assistant.standing(conversation)
        slots = standing["slots"]
        if standing["loop"] == _NOTE_FORM and (number := slots.get("note_number")):
            return await self._added(conversation, number)
        if standing["loop"] == _TICKET_FORM:
            last = await self.assistant.transcript.last_replies(conversation)
            return [notice(self._words("file_for_draft")), *(m.body for m in last[-1:])]
        own = [t for t in await self.desk.of_conversation(conversation) if Verb.ADD in self.desk.possible(t)]
        add = [button(f"加到工单 {ticket.number}", _ADD, number=ticket.number) for ticket in own[:1]]
        return await self._own_words(arrival, conversation, notice(self._words("file_kept"), *add, REGISTER))

    async def _added_to_chosen(self, conversation: str, payload: str) -> list[Reply]:
        """Where the citizen chose the ticket that the waiting files belong to."""
        pressed = parse_payload(payload)
        numbers = [entity["value"] for entity in pressed["entities"] if entity["entity"] == "number"]
        if pressed["intent"]["name"] != _ADD or not numbers or not await self.held.wait(conversation):
            return []
        return await self._added(conversation, numbers[0])

    async def _added(self, conversation: str, number: str) -> list[Reply]:
        ticket = await self.desk.find(number, conversation=conversation)
        if ticket is None:
            return []
        refused = await self.held.add_to(ticket)
        return [notice(reason) for reason in refused] or [notice(self._words("file_added", number=number))]

    async def _location(self, arrival: Arrival, conversation: str) -> list[Reply]:
        place = arrival.text("Label") or f"纬度{arrival.text('Location_X')}，经度{arrival.text('Location_Y')}"
        if (await self.assistant.standing(conversation))["loop"]:
            return await self._turn(Incoming(conversation, CHANNEL, _turn_of(arrival), text=place[:_TEXT_LIMIT]))
        said = notice(self._words("place_kept", place=place[:_TEXT_LIMIT]), REGISTER)
        return await self._own_words(arrival, conversation, said)

    async def _link(self, arrival: Arrival, conversation: str) -> list[Reply]:
        title, url = arrival.text("Title"), arrival.text("Url")
        in_form = (await self.assistant.standing(conversation))["loop"]
        return await self._said(arrival, conversation, f"{title} {url}" if in_form else title or url)

    async def _unreadable(self, _arrival: Arrival, _conversation: str) -> list[Reply]:
        return [notice(self._words("cannot_read"))]

    async def _welcome(self, arrival: Arrival, conversation: str) -> list[Reply]:
        popular = [ask_about(entry) for entry in self.knowledge.popular(_POPULAR)]
        return await self._own_words(arrival, conversation, notice(self._words("welcome"), *popular, TO_PERSON))

    async def _scan(self, arrival: Arrival, conversation: str) -> list[Reply]:
        meant = await self.scenes.button(arrival.text("EventKey"))
        if meant is None:
            return await self._welcome(arrival, conversation)
        said = await self._press(arrival, conversation, meant)
        new = arrival.kind == "event.subscribe_scan"
        return [notice(self._words("welcome")), *said] if new else said

    async def _click(self, arrival: Arrival, conversation: str) -> list[Reply]:
        """A menu's key is what a button would send."""
        key = arrival.text("EventKey")
        if not key.startswith("/"):
            return await self._said(arrival, conversation, key)
        try:
            return await self._press(arrival, conversation, {"title": "点了菜单", "payload": key})
        except PayloadRefused:
            return await self._own_words(arrival, conversation, notice(self._words("gone"), TO_PERSON))

    async def _own_words(self, arrival: Arrival, conversation: str, reply: Reply) -> list[Reply]:
        """Say something that is no turn, once, where a number typed next can refer to it."""
        turn, transcript = _turn_of(arrival), self.assistant.transcript
        await self.assistant.tell(
            conversation, turn, reply, lambda connection: not transcript.has_turn(connection, conversation, turn)
        )
        return [message.body for message in await transcript.of_turn(conversation, turn)]

    def _words(self, name: str, **values: Any) -> str:
        shown = {"name": self.settings.hotline_name, "phone": self.settings.hotline_phone}
        return self.wording[name].format(**shown | values)


def _alone(told: Told | None) -> Told | None:
    """`told`, for replies that nothing is added to afterwards: files that wait for a ticket may be refused."""
    if told is None:
        return None

    def within(connection: Connection, replies: Sequence[Reply]) -> None:
        if not _opens_ticket(replies):
            told(connection, replies)

    return within


def _opens_ticket(replies: Sequence[Reply]) -> bool:
    return any(reply.get("ticket") for reply in replies)


def _turn_of(arrival: Arrival) -> str:
    return f"wechat-{arrival.key[:40]}"
