"""The page of a long job: how far it is, and what came of it. `visit.start` begins one and goes there."""

from aiohttp import web

from console.addresses import id_of
from console.area import Area, Route
from console.refusal import not_there
from console.rights import STAFF
from console.visit import Visit
from service.jobs import Job


async def show_job(visit: Visit) -> web.Response:
    """How far it is."""
    return visit.page("job.html", job=await _job(visit))


async def show_state(visit: Visit) -> web.Response:
    """The same for the script of the page."""
    job = await _job(visit)
    return web.json_response({"state": job.state, "share": job.share})


async def _job(visit: Visit) -> Job:
    number = id_of(visit.match["number"])
    job = None if number is None else await visit.office.jobs.of(visit.actor.name, number)
    if job is None:
        raise not_there("没有这项工作", "可能是一周前的，已经不再显示了。")
    return job


AREA = Area(
    routes=(
        Route("GET", "/jobs/{number}", STAFF, show_job, "长时间工作的进度"),
        Route("GET", "/jobs/{number}/state", STAFF, show_state, "长时间工作的进度", watches=True),
    )
)
