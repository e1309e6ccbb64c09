"""Public pages: the front page with the widget, the guide of each entry, its code and sheet, the privacy notice."""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp_jinja2
import jinja2
from aiohttp import ETag, web

from actions.present import ask_about
from channels.widget.blocks import blocks
from channels.widget.codes import code_address, qr_png, qr_svg
from channels.widget.headers import FILE_HEADERS, PAGE_HEADERS
from channels.widget.sheets import Sheets
from knowledge_base.entry import Entry, Facet
from knowledge_base.knowledge import Knowledge
from service.clock import china_moment, shown_when
from service.look import TOKENS
from service.settings import Settings

_HERE = Path(__file__).parent
_POPULAR = 6
_CODE_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class Pages:
    """The handlers and what they work with."""

    knowledge: Knowledge
    settings: Settings

    def install(self, app: web.Application) -> None:
        """Add the pages and their files to an application."""
        environment = aiohttp_jinja2.setup(
            app, loader=jinja2.FileSystemLoader(_HERE / "templates"), autoescape=True, trim_blocks=True
        )
        environment.filters["blocks"] = blocks
        app.router.add_get("/", self.home)
        app.router.add_get("/s/{scene}", self.scene)
        app.router.add_get("/guide/{slug}", self.guide)
        app.router.add_get("/guide/{slug}/sheet", self.sheet)
        app.router.add_get("/guide/{slug}/qr.svg", self.code_svg)
        app.router.add_get("/guide/{slug}/qr.png", self.code_png)
        app.router.add_get("/privacy", self.privacy)
        app.router.add_get("/widget.js", self.widget_script)
        app.router.add_get("/static/tokens.css", self.tokens)
        app.router.add_static("/static", _HERE / "static")

    async def home(self, request: web.Request) -> web.Response:
        """The front page; `?scene=` names a matter to begin with."""
        scene = request.query.get("scene", "")
        arrived = self.knowledge.entry_of_scene(scene) if scene else None
        return self._home(request, arrived, lost=bool(scene) and arrived is None)

    async def scene(self, request: web.Request) -> web.Response:
        """The front page as a printed code opens it: the matter is answered as if it had been chosen."""
        arrived = self.knowledge.entry_of_scene(request.match_info["scene"])
        return self._not_there(request) if arrived is None else self._home(request, arrived)

    def _home(self, request: web.Request, arrived: Entry | None, *, lost: bool = False) -> web.Response:
        categories: dict[str, list[Entry]] = {}
        for entry in self.knowledge.entries():
            categories.setdefault(entry.category or "其他", []).append(entry)
        shown = [{"name": name, "matters": entries} for name, entries in categories.items()]
        popular = [ask_about(entry) for entry in self.knowledge.popular(_POPULAR)]
        arrival = arrived and ask_about(arrived) | {"guide": f"/guide/{quote(arrived.slug, safe='')}"}
        return self._render(request, "home.html", categories=shown, popular=popular, arrival=arrival, lost=lost)

    async def guide(self, request: web.Request) -> web.Response:
        """The guide of one entry, for phone and print."""
        entry = self.knowledge.entry(request.match_info["slug"])
        if entry is None:
            return self._not_there(request)
        facets = [
            {"name": facet.value, "title": facet.label, "text": text}
            for facet in Facet
            if (text := entry.facet_text(facet))
        ]
        url = f"{self._public_url(request)}/guide/{quote(entry.slug, safe='')}"
        return self._render(
            request,
            "guide.html",
            entry={
                "slug": entry.slug,
                "matter": entry.matter,
                "question": entry.question,
                "answer": entry.answer,
                "short_answer": entry.short_answer,
                "facets": facets,
                "legal_basis": [basis.model_dump() for basis in entry.legal_basis],
                "attachments": [attachment.model_dump() for attachment in entry.attachments],
                "unit": entry.issuing_unit,
                "region": entry.region,
                "audience": "、".join(entry.audience),
                "effective_from": entry.effective_from and shown_when(entry.effective_from),
                "expires_on": entry.expires_on and shown_when(entry.expires_on),
                "review_by": entry.review_by,
                "version": entry.version,
                "version_date": entry.effective_from and china_moment(entry.effective_from).date(),
            },
            url=url,
            qr_svg=qr_svg(url, border=2),
        )

    async def sheet(self, request: web.Request) -> web.Response:
        """The sheet of one entry, to be printed for the service window."""
        entry = self.knowledge.entry(request.match_info["slug"])
        if entry is None:
            return self._not_there(request)
        text = Sheets(self.settings, self._public_url(request)).one(entry)
        return web.Response(text=text, content_type="text/html", headers=PAGE_HEADERS)

    async def code_svg(self, request: web.Request) -> web.StreamResponse:
        """The code of one entry as a drawing."""
        return self._code(request, "svg", "image/svg+xml")

    async def code_png(self, request: web.Request) -> web.StreamResponse:
        """The code of one entry as a picture."""
        return self._code(request, "png", "image/png")

    def _code(self, request: web.Request, kind: str, content_type: str) -> web.StreamResponse:
        entry = self.knowledge.entry(request.match_info["slug"])
        if entry is None:
            return self._not_there(request)
        address = code_address(self._public_url(request), entry)
        tag = ETag(sha256(f"{kind} {address}".encode()).hexdigest()[:16])
        # Without a set address the code follows the request's: no shared cache may hand it to others.
        kept = "public" if self.settings.public_url else "private"
        name = quote(f"{entry.slug}.{kind}", safe="")
        headers = FILE_HEADERS | {
            "Cache-Control": f"{kept}, max-age={_CODE_SECONDS}",
            "Content-Disposition": f"inline; filename*=UTF-8''{name}",
        }
        if tag in (request.if_none_match or ()):
            return _tagged(web.Response(status=304, headers=headers), tag)
        body = qr_svg(address).encode() if kind == "svg" else qr_png(address)
        return _tagged(web.Response(body=body, content_type=content_type, headers=headers), tag)

    async def privacy(self, request: web.Request) -> web.Response:
        """What is done with personal data."""
        days = self.settings.conversation_days
        return self._render(
            request,
            "privacy.html",
            retention_days=days,
            phone_days=self.settings.verified_phone_days,
            contact=self.settings.contact,
        )

    async def widget_script(self, request: web.Request) -> web.FileResponse:
        """The one script a site embeds."""
        return web.FileResponse(_HERE / "static" / "widget.js", headers={"Cache-Control": "no-cache"})

    async def tokens(self, request: web.Request) -> web.FileResponse:
        """The style sheet that every page shares."""
        return web.FileResponse(TOKENS)

    def _not_there(self, request: web.Request) -> web.Response:
        message = "这份办事指南已经撤下或者从来没有过。您可以回到首页直接问，或者拨打12345。"
        return self._render(request, "error.html", status=404, title="没有找到这份指南", message=message)

    def _render(self, request: web.Request, template: str, status: int = 200, **context: Any) -> web.Response:
        hotline = {
            "name": self.settings.hotline_name,
            "phone": self.settings.hotline_phone,
            "district": self.settings.district,
        }
        response: web.Response = aiohttp_jinja2.render_template(
            template, request, {"hotline": hotline} | context, status=status
        )
        response.headers.update(PAGE_HEADERS)
        return response

    def _public_url(self, request: web.Request) -> str:
        return self.settings.public_url.rstrip("/") or f"{request.scheme}://{request.host}"


def _tagged(response: web.Response, tag: ETag) -> web.Response:
    response.etag = tag
    return response
