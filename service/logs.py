"""Logging: one line an event on standard error, with personal data masked whatever its source."""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog

from service.privacy import mask_personal_data

_NEVER_LOGGED = frozenset({"text", "message", "parse_data_text", "slot_values", "rasa_events", "event_info"})


def _mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
    return {
        key: mask_personal_data(value) if isinstance(value, str) else value
        for key, value in event.items()
        if key not in _NEVER_LOGGED
    }


class _RejectionFilter(logging.Filter):
    """Drops Rasa's error for each form turn that was answered by something else: that is how forms work."""

    def filter(self, record: logging.LogRecord) -> bool:
        return "rejected execution" not in record.getMessage()


class _MaskedFormatter(logging.Formatter):
    """Masks what is logged through the standard module, what an error says included."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_personal_data(super().format(record))


def configure_logging(level: int = logging.INFO) -> None:
    """Send structlog's and the standard module's lines, masked, to standard error.

    Rasa logs message texts and whole trackers at DEBUG: its loggers stay at WARNING whatever the level.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_MaskedFormatter("%(asctime)s %(levelname)-7s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("rasa", "rasa_sdk", "jieba", "matplotlib", "apscheduler", "asyncio", "alembic", "taskiq"):
        logging.getLogger(noisy).setLevel(max(level, logging.WARNING))
    logging.getLogger("rasa.core.actions.action").addFilter(_RejectionFilter())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _mask,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(max(level, logging.WARNING)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
