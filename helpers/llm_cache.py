"""Answers that were paid for once, kept on disk."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path

_TABLE = """
CREATE TABLE IF NOT EXISTS answers (
    key TEXT PRIMARY KEY,
    label TEXT NOT NULL CHECK (label IN ('POSITIVE', 'NEGATIVE')),
    confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1)
) WITHOUT ROWID
"""
_MANY = 500


def default_path() -> Path:
    """Return where answers are kept unless something else is said."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return caches / "labeling-lab" / "answers.sqlite"


def key_of(model: str, prompt_version: str, schema: object, text: str) -> str:
    """Return the key of an answer: it changes with everything the answer depends on.

    The review itself cannot be read back from it.
    """
    parts = json.dumps([model, prompt_version, schema, text], sort_keys=True)
    return hashlib.sha256(parts.encode()).hexdigest()


class AnswerCache:
    """A SQLite file of answers; safe to share between threads and between processes.

    Parameters
    ----------
    path : path-like
        Made if it is missing. ``":memory:"`` keeps answers for this object's life only.

    Raises
    ------
    ValueError
        If the file is something else than such a cache.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        if self.path != ":memory:":
            Path(self.path).parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(self.path, timeout=30, check_same_thread=False)
        try:
            with self._db:
                self._db.execute(_TABLE)
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise ValueError(f"{self.path} is not a cache of answers: {error}") from None

    def get(self, keys: Iterable[str]) -> dict[str, tuple[str, float]]:
        """Return the label and confidence of each key that is known."""
        found: dict[str, tuple[str, float]] = {}
        wanted = list(keys)
        with self._lock:
            for start in range(0, len(wanted), _MANY):
                some = wanted[start : start + _MANY]
                marks = ",".join("?" * len(some))
                query = f"SELECT key, label, confidence FROM answers WHERE key IN ({marks})"
                found |= {row[0]: (row[1], row[2]) for row in self._db.execute(query, some)}
        return found

    def put(self, answers: dict[str, tuple[str, float]]) -> None:
        """Keep answers: on disk, whole, when this returns."""
        rows = [(key, label, confidence) for key, (label, confidence) in answers.items()]
        with self._lock, self._db:
            self._db.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", rows)

    def __len__(self) -> int:
        with self._lock:
            return self._db.execute("SELECT count(*) FROM answers").fetchone()[0]

    def close(self) -> None:
        self._db.close()
