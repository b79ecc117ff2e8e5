"""What went wrong with a request to Gemini, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

# Besides 429: worth another try, because the next moment may be different.
_PASSING = frozenset({408, 500, 502, 503, 504})


@dataclass(frozen=True)
class Trouble:
    """Why a request brought no reply.

    Attributes
    ----------
    text : str
        One line, for people.
    retry : bool
        Whether another try may help.
    stop : bool
        Whether no other request can succeed either.
    wait : float
        Seconds the service asks us to wait.
    billed : bool
        Whether it may be on the bill all the same.
    """

    text: str
    retry: bool = True
    stop: bool = False
    wait: float = 0.0
    billed: bool = False


def trouble_of(error: Exception, hide: Callable[[str], str] = str) -> Trouble:
    """Say what to do about an exception that the SDK raised.

    Parameters
    ----------
    error : Exception
    hide : callable
        Takes the key out of a text: a service may quote it.

    Raises
    ------
    Exception
        The error itself, if it is neither the service's nor the network's: then it is ours.
    """
    import httpx2
    from google.genai.errors import APIError

    if isinstance(error, APIError):
        return _of_status(error, hide)
    unsent = (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError, httpx2.PoolTimeout)
    if isinstance(error, unsent):
        return Trouble("the service cannot be reached")
    if isinstance(error, httpx2.RequestError):
        # The request was sent: it may have been worked on, and billed, without our knowing.
        return Trouble(f"the connection failed: {type(error).__name__}", billed=True)
    if isinstance(error, (ValueError, TypeError, AttributeError, KeyError)):
        # Status 200 and a body that is not the API's: a proxy's login page, say.
        return Trouble("the reply is not from the Gemini API", billed=True)
    raise error


def _of_status(error: Any, hide: Callable[[str], str]) -> Trouble:
    status, code = hide(str(error.status or ""))[:60], int(error.code or 0)
    text = f"{code} {status}".strip()
    message = " ".join(hide(str(error.message or "")).split())[:200]
    if message:
        text = f"{text}: {message}"
    if code == 429:
        if _daily(error.details):
            return Trouble(f"the daily quota is used up ({text})", retry=False, stop=True)
        return Trouble(text, wait=_seconds_to_wait(error))
    if code in _PASSING:
        return Trouble(text, wait=_seconds_to_wait(error))
    return Trouble(text, retry=False, stop=True)


def _details(details: Any) -> list[dict]:
    body = details.get("error", details) if isinstance(details, dict) else {}
    listed = body.get("details") if isinstance(body, dict) else None
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []


def _daily(details: Any) -> bool:
    """Tell whether one of the quotas that are used up is a quota for the day."""
    for item in _details(details):
        violations = item.get("violations")
        for violation in violations if isinstance(violations, list) else []:
            names = violation if isinstance(violation, dict) else {}
            text = f"{names.get('quotaId', '')} {names.get('quotaMetric', '')}".lower()
            if "perday" in text or "per_day" in text:
                return True
    return False


def _seconds_to_wait(error: Any) -> float:
    """Return the longest wait that the reply asks for, by header or in its body."""
    waits = [0.0]
    headers = getattr(error.response, "headers", None) or {}
    waits.append(_retry_after(str(headers.get("retry-after", ""))))
    for item in _details(error.details):
        match = re.fullmatch(r"(\d+(?:\.\d+)?)s", str(item.get("retryDelay", "")))
        if str(item.get("@type", "")).endswith("RetryInfo") and match:
            waits.append(float(match[1]))
    return max(waits)


def _retry_after(value: str) -> float:
    """Read a Retry-After header: seconds, or a date."""
    if value.strip().isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return 0.0
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
