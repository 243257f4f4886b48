"""Headers of every answer: nothing is loaded from, or sent to, another host, and only named sites may frame the app."""

from __future__ import annotations

import os
import re
from typing import Any

FRAMED_BY = "KNEEPOINT_FRAME_ANCESTORS"  # further sites that may show the app in a frame, parted by spaces
ALWAYS_FRAMED_BY = ("'self'", "https://*.streamlit.app")  # `?embed=true` on a page of ours, and Streamlit Cloud
A_SITE = re.compile(r"https?://(\*\.)?[\w.-]+(:(\d+|\*))?")
NOT_PUBLIC = "/_stcore/metrics"  # what the server counts of its visitors


def headers() -> dict[bytes, bytes]:
    """The security headers. ValueError where the environment names a site that is none."""
    return {
        b"x-content-type-options": b"nosniff",
        b"referrer-policy": b"strict-origin-when-cross-origin",
        b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
        b"content-security-policy": "; ".join(f"{name} {value}" for name, value in _policy().items()).encode(),
    }


def _policy() -> dict[str, str]:
    """Everything is served from here; Streamlit and Plotly need inline styles and eval."""
    return {
        "default-src": "'self'",
        "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "style-src": "'self' 'unsafe-inline'",
        "img-src": "'self' data: blob:",
        "font-src": "'self' data:",
        "connect-src": "'self'",  # also the WebSocket of this very host and port (CSP level 3)
        "worker-src": "'self' blob:",
        "object-src": "'none'",
        "base-uri": "'self'",
        "form-action": "'self'",
        "frame-ancestors": " ".join((*ALWAYS_FRAMED_BY, *_further_sites())),
    }


def _further_sites() -> list[str]:
    sites = os.environ.get(FRAMED_BY, "").split()
    for site in sites:
        if not A_SITE.fullmatch(site):  # a sign such as ";" would begin another rule
            raise ValueError(f"{FRAMED_BY}: “{site}” is no site; write https://host or https://*.host")
    return sites


class SecurityHeaders:
    """ASGI middleware: the headers on every HTTP answer, and nothing for who asks for the server's counts."""

    def __init__(self, app: Any) -> None:
        self.app, self.headers = app, headers()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def with_headers(message: Any) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                added = [(name, value) for name, value in self.headers.items() if name not in present]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif scope["path"].rstrip("/").endswith(NOT_PUBLIC):
            await _not_found(with_headers)
        else:
            await self.app(scope, receive, with_headers)


async def _not_found(send: Any) -> None:
    await send({"type": "http.response.start", "status": 404, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"Not Found"})
