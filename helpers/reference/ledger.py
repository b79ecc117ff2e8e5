"""A ledger of labels: each is written down before it is used, so that none is paid for twice."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

# A label and how sure its giver is of it; no label is None.
Answer = tuple[int | None, float | None]
Ask = Callable[[list[str]], Sequence[Answer]]


class Ledger:
    """Labels that were bought, by who gave them and for which text.

    Parameters
    ----------
    path : str, Path or None
        An sqlite file; it is made if there is none. None keeps the labels in memory only.

    Notes
    -----
    What a call to `buy` has returned, and every chunk it has asked for before that, survives a
    kill of the process. Lost are at most the answers of the one chunk that was being asked for.
    A ledger is for one set of reviews and one set of sources: use another file for another
    language model.
    """

    def __init__(self, path: str | Path | None = None) -> None:
        self._db = sqlite3.connect(":memory:" if path is None else str(path))
        # A commit is then one write to a log: kept when the process dies, 20 us each.
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS labels (source TEXT, text BLOB, label INTEGER NOT NULL, "
            "confidence REAL, PRIMARY KEY (source, text)) WITHOUT ROWID"
        )
        self._db.commit()
        self._known: dict[str, dict[bytes, Answer]] = {}

    def buy(self, source: str, texts: Sequence[str], ask: Ask, chunk: int = 1) -> list[Answer]:
        """Return labels for texts; ask for those only that are not in the ledger.

        Parameters
        ----------
        source : str
            Who gives the labels: ``"llm"``, ``"human 0"``.
        texts : sequence of str
            One that stands twice is asked for once.
        ask : callable
            Takes a list of texts, returns as many answers.
        chunk : int
            How many texts are asked for, and written down, at a time.

        Returns
        -------
        list of (label, confidence)
            In the order of the texts. ``(None, None)`` where there is no answer; such are not
            written down, and asked for again next time.

        Raises
        ------
        ValueError
            If there are not as many answers as texts.
        """
        known = self._of(source)
        keys = [key_of(text) for text in texts]
        missing = {k: t for k, t in zip(keys, texts, strict=True) if k not in known}
        left = list(missing.items())
        for first in range(0, len(left), chunk):
            some = left[first : first + chunk]
            answers = list(ask([text for _, text in some]))
            if len(answers) != len(some):
                raise ValueError(f"{source}: {len(answers)} answers to {len(some)} reviews")
            self._write(source, [key for key, _ in some], answers)
        return [known.get(key, (None, None)) for key in keys]

    def close(self) -> None:
        self._db.close()

    def _of(self, source: str) -> dict[bytes, Answer]:
        if source not in self._known:
            rows = self._db.execute(
                "SELECT text, label, confidence FROM labels WHERE source = ?", (source,)
            )
            self._known[source] = {text: (label, confidence) for text, label, confidence in rows}
        return self._known[source]

    def _write(self, source: str, keys: list[bytes], answers: list[Answer]) -> None:
        given = [
            (source, key, int(label), None if confidence is None else float(confidence))
            for key, (label, confidence) in zip(keys, answers, strict=True)
            if label is not None
        ]
        with self._db:
            self._db.executemany("INSERT INTO labels VALUES (?, ?, ?, ?)", given)
        self._known[source].update({key: (label, sure) for _, key, label, sure in given})


def key_of(text: str) -> bytes:
    """Return 16 bytes that stand for a text."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
