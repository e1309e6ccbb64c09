"""One request of the console: who asks, what they sent, and the ways to answer."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import aiohttp_jinja2
import jinja2
from aiohttp import web
from multidict import MultiDict
from yarl import URL

from console.area import Area, RailItem, Route, Status
from console.cookies import Flash, csrf_of, drop_flash, give_flash, give_token, take_flash
from console.forms import Form
from console.help import Help, help_for
from console.office import Office
from console.refusal import PageRefused
from console.rights import Stage, stage_of
from service.audit import Deed, Recorded, record_within
from service.identity.roles import Actor
from service.identity.sessions import Place, Session
from service.jobs import Outcome, Tell

_FLASH_LIMIT = 500  # characters; a cookie holds 4 KB

_T = TypeVar("_T")

TEMPLATES = web.AppKey("console_templates", jinja2.Environment)


@dataclass(slots=True)
class Visit:
    """What a handler gets.

    Attributes:
        session: who is signed in; none on the pages before.
        token: the visitor's, from their cookie; new for who came without one.
        place: where they are.
    """

    request: web.Request
    office: Office
    areas: tuple[Area, ...]
    route: Route | None
    session: Session | None
    token: str
    place: Place
    secure: bool
    token_is_new: bool = False
    _form: Form | None = field(default=None)

    @property
    def signed_in(self) -> Session:
        """The session, on routes that need one."""
        if self.session is None:
            message = "this route lets in who is not signed in"
            raise RuntimeError(message)
        return self.session

    @property
    def actor(self) -> Actor:
        """Who asks."""
        return self.signed_in.actor

    @property
    def stage(self) -> Stage:
        """How far they have come with signing in."""
        return stage_of(self.session, self.now)

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self.office.clock()

    @property
    def site(self) -> str:
        """Where citizens reach this service, without a slash at the end."""
        return self.office.settings.public_url.rstrip("/") or f"{self.request.scheme}://{self.request.host}"

    @property
    def csrf(self) -> str:
        """What a form has to bring along; the macro `form_key` writes it."""
        return csrf_of(self.token)

    @property
    def query(self) -> Mapping[str, str]:
        """What stands behind the ? of the address."""
        return self.request.query

    @property
    def match(self) -> Mapping[str, str]:
        """The variable parts of the path."""
        return self.request.match_info

    async def form(self) -> Form:
        """What was sent.

        Raises:
            PageRefused: 400; it is no form.
        """
        if self._form is None:
            try:
                self._form = Form(await self.request.post())
            except (ValueError, LookupError) as error:  # no text, or no such encoding
                raise PageRefused(400, "这份表单读不懂", "请从管理台的页面里提交。") from error
        return self._form

    def url(self, **changes: object) -> str:
        """This page's address with some of its query changed; None takes a part away, and so does going on anew.

        A changed filter or order begins at the first page: `after` goes unless it is given.
        """
        query = MultiDict(self.request.query)
        for name in {"after", "before", *changes}:
            query.popall(name, None)
        for name, value in changes.items():
            if value is not None and value != "":
                query[name] = str(value)
        return str(self.request.rel_url.with_query(query))

    def paged(self, found: Sequence[_T], size: int, place: Callable[[_T], object]) -> tuple[Sequence[_T], str | None]:
        """A page of what was found, and the address of the next one; None where there is none.

        Args:
            found: what stands behind the place in `after`; one more than a page tells that there is another.
            place: what the next address has as `after`, of the last one shown.
        """
        shown = found[:size]
        return shown, self.url(after=place(shown[-1])) if len(found) > size else None

    def may(self, path: str, method: str = "GET") -> bool:
        """Whether this visitor may use a declared route."""
        if self.session is None or self.stage is not Stage.SIGNED_IN:
            return False
        return any(
            route.path == path and route.method == method and route.rights.allow(self.session.actor)
            for area in self.areas
            for route in area.routes
        )

    def rail(self) -> list[RailItem]:
        """The places in the rail that are open to this visitor."""
        return [item for area in self.areas for item in area.rail if self.may(item.path)]

    def waits(self, item: RailItem) -> str:
        """What the number beside a place in the rail counts."""
        return next((need.title for area in self.areas for need in area.needs if need.key == item.need), "")

    def statuses(self) -> list[Status]:
        """What the top bar shows this visitor."""
        return [area.status for area in self.areas if area.status and area.status.rights.allow(self.actor)]

    @property
    def help(self) -> Help | None:
        """What this page is for."""
        return None if self.route is None else help_for(self.route.path)

    def page(self, template: str, *, status: int = 200, **context: Any) -> web.Response:
        """A page of the console."""
        flash = take_flash(self.request, self.token)
        shown = {"visit": self, "flash": flash, "now": self.now, "hotline": self.office.settings.hotline_name} | context
        response: web.Response = aiohttp_jinja2.render_template(
            template, self.request, shown, app_key=TEMPLATES, status=status
        )
        if flash is not None:
            drop_flash(response)
        return self.keep_token(response)

    def go(self, path: str, said: str = "", *, good: bool = True, undo: str = "") -> web.Response:
        """On to another page after something was done, which says so.

        Args:
            path: below /console, or with it.
            undo: below /console; a POST there takes it back.
        """
        response = web.Response(status=303, headers={"Location": str(URL(_below_console(path)))})
        if said:
            flash = Flash(said[:_FLASH_LIMIT], good, _below_console(undo) if undo else "")
            give_flash(response, flash, self.token, secure=self.secure)
        return self.keep_token(response)

    async def record(
        self, deed: Deed, subject: str, reason: str = "", details: Mapping[str, Any] | None = None
    ) -> None:
        """Write down what somebody is about to do that no verb of the domain writes down."""
        done = Recorded(self.now, self.actor.name, deed, subject, reason, details or {})
        await self.office.database.write(lambda connection: record_within(connection, done))

    async def start(self, title: str, work: Callable[[Tell], Awaitable[Outcome]]) -> web.Response:
        """Begin long work, and go to the page that shows how far it is."""
        number = await self.office.jobs.start(self.actor.name, title, work)
        return self.go(f"/jobs/{number}")

    def change_token(self, token: str) -> None:
        """Go on with another session."""
        self.token = token
        self.token_is_new = True

    def keep_token(self, response: web.Response) -> web.Response:
        """See that the browser keeps a new token."""
        if self.token_is_new:
            give_token(response, self.token, secure=self.secure)
        return response


def _below_console(path: str) -> str:
    """A path of the console in full."""
    return path if path.startswith("/console") else f"/console{path}"
