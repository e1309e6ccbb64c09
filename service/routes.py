"""What is told of a request elsewhere than to who sent it: in a log, in a figure."""

from aiohttp import web


def route_of(request: web.Request) -> str:
    """The route of a request as it was declared; its address itself may hold a secret, a number, or a line break."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else "unknown"
