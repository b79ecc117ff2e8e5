"""Checks: what students call, and what authors write items with."""

from .live import check
from .question import AuthoringError, NotAttempted, Question, Unmet, expect
from .student import Student, StudentError

__all__ = [
    "AuthoringError",
    "NotAttempted",
    "Question",
    "Student",
    "StudentError",
    "Unmet",
    "check",
    "expect",
]
