"""Whether this process is alive, whether it can answer, and its figures for Prometheus."""

import hmac
import time
from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import select

from channels.delivery import figures
from program.assembly import Parts
from service.routes import route_of

_requests = Counter("ltb_http_requests_total", "Requests answered", ["route", "status"])
_seconds = Histogram("ltb_http_request_seconds", "Time to answer a request", ["route"])
_entries = Gauge("ltb_knowledge_entries", "Entries that can answer now")
_to_encode = Gauge("ltb_knowledge_texts_to_encode", "Texts of the part of the base that waits for its vectors")


@web.middleware
async def count_requests(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Count and time each request by its route, never by its full address."""
    started = time.perf_counter()
    status = 500
    try:
        response = await handler(request)
        status = response.status
    except web.HTTPException as error:
        status = error.status
        raise
    finally:
        route = route_of(request)
        _requests.labels(route, status).inc()
        if not route.endswith("/events"):  # a stream lasts as long as its page is open
            _seconds.labels(route).observe(time.perf_counter() - started)
    return response


def install(app: web.Application, parts: Parts) -> None:
    """Add `/healthz` and `/readyz`, which tell nothing of the installation, and `/metrics` for who has its token."""
    token = parts.settings.metrics_token

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_request: web.Request) -> web.Response:
        missing = []
        try:
            await parts.database.read(lambda connection: connection.execute(select(1)).scalar_one())
        except Exception:  # noqa: BLE001  # whatever keeps the database from answering
            missing.append("database")
        if parts.redis is not None:
            try:
                await parts.redis.ping()
            except Exception:  # noqa: BLE001
                missing.append("redis")
        told = {"missing": missing}
        if not len(await parts.knowledge.index()):
            told["empty"] = ["knowledge"]  # nothing is answered, but requests are taken down and passed on
        return web.json_response(told, status=503 if missing else 200)

    async def metrics(request: web.Request) -> web.Response:
        shown = request.headers.get("Authorization", "").encode(errors="replace")
        if not token or not hmac.compare_digest(shown, f"Bearer {token}".encode()):
            raise web.HTTPNotFound
        _entries.set(len(await parts.knowledge.index()))
        encoding = parts.knowledge.encoding
        _to_encode.set(encoding.total - encoding.done if encoding else 0)
        figures.show(await parts.database.read(figures.read_figures(parts.clock())))
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app.router.add_get("/healthz", healthz)
    app.router.add_get("/readyz", readyz)
    app.router.add_get("/metrics", metrics)
