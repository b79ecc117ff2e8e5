"""A connection to Gemini that goes where it should, holds its key back, and ends."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

OPT_IN = "LAB_USE_GEMINI"
KEY = "GEMINI_API_KEY"
BASE_URL = "https://generativelanguage.googleapis.com"
_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")


class GeminiUnavailable(Exception):
    """Gemini is not to be used here, or cannot be; the message says what is missing."""


def demand_key(api_key: str | None) -> str:
    """Return a key without the spaces around it.

    Raises
    ------
    GeminiUnavailable
        If there is none, or it cannot be one. The SDK would take an empty key as leave to look for
        another one, and a blank one only fails at the server.
    """
    key = (api_key or "").strip()
    if not key:
        raise GeminiUnavailable(f"{KEY} is empty: without a key Gemini is not used")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise GeminiUnavailable(f"{KEY} has characters in it that no key has")
    return key


def connect(key: str, base_url: str, silence: float, request_seconds: float) -> tuple[Any, Any]:
    """Return an HTTP client, and the SDK's client on top of it.

    Parameters
    ----------
    key : str
    base_url : str
    silence : float
        Seconds without a byte after which a connection is given up.
    request_seconds : float
        Seconds a reply may take to arrive in full.

    Raises
    ------
    ValueError
        If the key would be sent unencrypted to another machine.
    """
    import httpx2
    from google import genai
    from google.genai import types

    url = urlsplit(base_url)
    if url.scheme != "https" and url.hostname not in _THIS_MACHINE:
        raise ValueError(f"{base_url!r} would send the key and the reviews unencrypted")

    class Deadline(httpx2.SyncByteStream):
        """A reply's bytes, while there is time: a timeout alone starts anew with every byte."""

        def __init__(self, stream: Any) -> None:
            self._stream = stream
            self._until = time.monotonic() + request_seconds

        def __iter__(self) -> Any:
            for chunk in self._stream:
                if time.monotonic() > self._until:
                    raise httpx2.ReadTimeout("the reply did not end in time")
                yield chunk

        def close(self) -> None:
            self._stream.close()

    def limit(response: Any) -> None:
        response.stream = Deadline(response.stream)

    # Redirects are not followed: they would carry the key to wherever they lead.
    http = httpx2.Client(follow_redirects=False, event_hooks={"response": [limit]})
    options = types.HttpOptions(
        base_url=base_url,  # said, or else the environment could name another server
        timeout=int(silence * 1000),  # milliseconds
        httpx_client=http,
    )
    return http, genai.Client(api_key=key, vertexai=False, http_options=options)
