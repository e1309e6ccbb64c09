"""Public pages: the front page with the widget, the guide of each entry, the privacy notice."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp_jinja2
import jinja2
import segno
from aiohttp import web

from channels.widget.blocks import blocks
from knowledge_base.entry import Entry, Facet
from knowledge_base.knowledge import Knowledge
from service.clock import china_moment, shown_when
from service.settings import Settings

_HERE = Path(__file__).parent
_POPULAR = 6
_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "frame-ancestors 'self'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


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
        app.router.add_get("/guide/{slug}", self.guide)
        app.router.add_get("/privacy", self.privacy)
        app.router.add_get("/widget.js", self.widget_script)
        app.router.add_static("/static", _HERE / "static")

    async def home(self, request: web.Request) -> web.Response:
        """The front page."""
        categories: dict[str, list[Entry]] = {}
        for entry in self.knowledge.entries():
            categories.setdefault(entry.category or "其他", []).append(entry)
        shown = [{"name": name, "matters": entries} for name, entries in categories.items()]
        return self._render(request, "home.html", categories=shown, popular=self.knowledge.popular(_POPULAR))

    async def guide(self, request: web.Request) -> web.Response:
        """The guide of one entry, for phone and print."""
        entry = self.knowledge.entry(request.match_info["slug"])
        if entry is None:
            message = "这份办事指南已经撤下或者从来没有过。您可以回到首页直接问，或者拨打12345。"
            return self._render(request, "error.html", status=404, title="没有找到这份指南", message=message)
        facets = [
            {"name": facet.value, "title": facet.label, "text": text}
            for facet in Facet
            if (text := entry.facet_text(facet))
        ]
        url = f"{self._public_url(request)}/guide/{entry.slug}"
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
            qr_svg=_qr_svg(url),
        )

    async def privacy(self, request: web.Request) -> web.Response:
        """What is done with personal data."""
        days = self.settings.conversation_days
        return self._render(request, "privacy.html", retention_days=days, contact=self.settings.contact)

    async def widget_script(self, request: web.Request) -> web.FileResponse:
        """The one script a site embeds."""
        return web.FileResponse(_HERE / "static" / "widget.js", headers={"Cache-Control": "no-cache"})

    def _render(self, request: web.Request, template: str, status: int = 200, **context: Any) -> web.Response:
        hotline = {
            "name": self.settings.hotline_name,
            "phone": self.settings.hotline_phone,
            "district": self.settings.district,
        }
        response: web.Response = aiohttp_jinja2.render_template(
            template, request, {"hotline": hotline} | context, status=status
        )
        response.headers.update(_HEADERS)
        return response

    def _public_url(self, request: web.Request) -> str:
        return self.settings.public_url.rstrip("/") or f"{request.scheme}://{request.host}"


def _qr_svg(url: str) -> str:
    picture = io.BytesIO()
    segno.make(url, error="m").save(
        picture, kind="svg", scale=4, border=2, xmldecl=False, svgns=True, nl=False, omitsize=True
    )
    return picture.getvalue().decode()
