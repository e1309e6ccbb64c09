"""Errors of the widget's API: a code for programs, a sentence for people."""

import json

from aiohttp import web


class ApiError(web.HTTPException):
    """An error response with `{"error": {"code", "message"}}`, and further facts where there are some."""

    def __init__(
        self, status: int, code: str, message: str, headers: dict[str, str] | None = None, **facts: object
    ) -> None:
        body = json.dumps({"error": {"code": code, "message": message} | facts}, ensure_ascii=False)
        self.status_code = status  # read by aiohttp's constructor
        super().__init__(text=body, content_type="application/json", headers=headers)


def bad_request(message: str) -> ApiError:
    """The request itself is wrong."""
    return ApiError(400, "bad_request", message)


def session_invalid() -> ApiError:
    """The session has ended."""
    return ApiError(401, "session_invalid", "这次对话已经过期，请重新开始。")


def too_large(message: str) -> ApiError:
    """There is too much of it."""
    return ApiError(413, "too_large", message)


def too_many(seconds: int) -> ApiError:
    """It comes too fast."""
    return ApiError(429, "too_many", f"您发得太快了，请等 {seconds} 秒再发。", {"Retry-After": str(seconds)})
