"""Connections that died in the pool are noticed before they are used, without a round trip for each use.

A database that restarts closes its connections, which a look at the socket tells. One that vanishes says nothing, so
what was idle for some seconds is asked. Asking each time (`pool_pre_ping`) costs one of eight round trips of a move.
"""

import select
import time
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

IDLE_SECONDS = 5.0
_IDLE_SINCE = "idle since"


def check_doubtful(engine: Engine) -> None:
    """Have an engine ask connections that may be dead, and replace all of its pool when one is."""
    dialect = engine.dialect

    def returned(_connection: Any, record: Any) -> None:
        record.info[_IDLE_SINCE] = time.monotonic()

    def taken(connection: Any, record: Any, _proxy: Any) -> None:
        since = record.info.get(_IDLE_SINCE)
        if since is None:  # just opened
            return
        if time.monotonic() - since < IDLE_SECONDS and not _has_news(connection):
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as died:
            raise InvalidatePoolError from died

    event.listen(engine, "checkin", returned)
    event.listen(engine, "checkout", taken)


def _has_news(connection: Any) -> bool:
    """Whether a connection that was asked nothing was told something: most likely its end."""
    if connection.closed:
        return True
    socket = select.poll()
    socket.register(connection.fileno(), select.POLLIN)
    return bool(socket.poll(0))
