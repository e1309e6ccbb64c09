"""The console as a part of the web application: every declared route behind the door, errors as pages of the frame."""

import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp_jinja2
import jinja2
from aiohttp import web
from aiohttp.typedefs import Middleware

from console.area import Area
from console.areas import AREAS
from console.door import Door
from console.headers import PAGE_HEADERS
from console.office import Office
from console.refusal import PageRefused, not_there
from console.shown import FILTERS
from console.static_files import StaticFiles
from console.visit import TEMPLATES
from service.privacy import PERSONAL_NUMBER
from service.routes import route_of

_log = logging.getLogger(__name__)

_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_SAID = {
    404: not_there(),
    405: not_there("这个网址不能这样打开", "请从管理台的页面里操作。"),
    413: PageRefused(413, "内容太大了", "请分成几次，或者换小一点的文件。"),
}
_FAILED = PageRefused(500, "这边出了点问题", "刚才的操作可能没有完成，请再试一次；还不行，请把时间告诉系统管理员。")


def install(app: web.Application, office: Office, areas: tuple[Area, ...] = AREAS) -> web.Application:
    """Add the console under /console; the application below it, which holds its templates."""
    door = Door(office, areas)
    console = web.Application(middlewares=[_errors_as_pages(door)])
    static = StaticFiles()
    environment = aiohttp_jinja2.setup(
        console,
        app_key=TEMPLATES,
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        filters=FILTERS,
        default_helpers=False,
        auto_reload=False,  # an update that is being copied here is no concern of what runs
    )
    environment.globals["static"] = static.url
    environment.globals["personal_number"] = PERSONAL_NUMBER
    static.install(console)
    for area in areas:
        for route in area.routes:
            console.router.add_route(route.method, route.path, door.handler(route))

    async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
        for name, value in PAGE_HEADERS.items():
            response.headers.setdefault(name, value)

    async def end_jobs(_app: web.Application) -> None:
        await office.jobs.close()

    console.on_response_prepare.append(add_headers)
    console.on_shutdown.append(end_jobs)
    app.router.add_get("/console", _to_start)
    app.add_subapp("/console", console)
    return console


async def _to_start(_request: web.Request) -> web.Response:
    return web.Response(status=308, headers={"Location": "/console/"})


def _errors_as_pages(door: Door) -> Middleware:
    """What goes wrong is told within the frame."""

    @web.middleware
    async def tell(request: web.Request, handler: _Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except PageRefused as refused:
            told = refused
        except web.HTTPException as error:
            if error.status < 400:
                raise
            told = _SAID.get(error.status) or PageRefused(error.status, "这个请求不对", "请从管理台的页面里操作。")
        except Exception:  # noqa: BLE001  # the last place where an error can be told kindly
            _log.exception("%s %s failed", request.method, route_of(request))
            told = _FAILED
        try:
            visit = await door.visit(request, None)
        except Exception:  # noqa: BLE001  # the database does not answer either
            visit = door.stranger(request, None)
        return visit.page("error.html", status=told.status, refused=told)

    return tell
