"""Label reviews with Google's Gemini, without surprises: in money, in time, in what is labeled.

Nothing here runs by accident. The lab's labeler is `helpers.llm.MockLabeler`; this one needs an
explicit opt-in *and* a key. A review without a usable answer is a failure, and stays one: its label
is None, its error says why, and it is counted.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Self

from helpers import llm_prices
from helpers.gemini_client import BASE_URL, KEY, OPT_IN, GeminiUnavailable, connect, demand_key
from helpers.gemini_protocol import (
    MAX_REVIEW_CHARS,
    PROMPT_VERSION,
    SCHEMA,
    Answer,
    BadReply,
    Batch,
    tokens_of,
)
from helpers.gemini_requests import Call, Patience, Requests, Stopped
from helpers.llm import LabelResult
from helpers.llm_budget import Budget, Usage
from helpers.llm_cache import AnswerCache, default_path, key_of

__all__ = ["GeminiLabeler", "GeminiUnavailable", "Patience"]


class GeminiLabeler:
    """A labeler that asks Gemini. Calls from several threads take turns.

    Parameters
    ----------
    api_key : str
        Never shown, logged or stored.
    opt_in : bool
        Must be True: reviews leave this machine, and somebody pays.
    model : str
        A model whose price is known; see `helpers.llm_prices`.
    max_usd : float
        Spending cap for this object's whole life.
    cache : path-like or None
        Where answers are kept, so that none is paid for twice and an interrupted run goes on where
        it stopped. None: nowhere.
    batch_size : int
        Reviews a request.
    workers : int
        Requests under way at once.
    patience : Patience
    progress : callable, optional
        Told how many reviews are done, of how many to ask about.
    base_url : str
        For tests; anything but https is refused unless it is this machine.
    clock, sleep : callable
        For tests.

    Raises
    ------
    GeminiUnavailable
        If there is no opt-in or no key.
    ValueError
        If an argument makes no sense.
    """

    def __init__(
        self,
        api_key: str,
        *,
        opt_in: bool = False,
        model: str = llm_prices.DEFAULT_MODEL,
        max_usd: float = 1.0,
        cache: str | os.PathLike[str] | None = None,
        batch_size: int = 20,
        workers: int = 4,
        patience: Patience | None = None,
        progress: Callable[[int, int], None] | None = None,
        base_url: str = BASE_URL,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Any] | None = None,
    ) -> None:
        if opt_in is not True:
            raise GeminiUnavailable("Gemini is used only where `opt_in=True` says so")
        key = demand_key(api_key)
        if batch_size < 1 or workers < 1:
            raise ValueError("batch_size and workers must be at least 1")
        self.model = llm_prices.model(model).name
        self.batch_size, self.workers = batch_size, workers
        self.patience = patience or Patience()
        self._progress = progress or (lambda done, total: None)
        self._budget = Budget(llm_prices.model(model), max_usd)
        self._http, client = connect(
            key, base_url, self.patience.silence, self.patience.request_seconds
        )
        self._requests = Requests(
            client,
            self.model,
            self._budget,
            self.patience,
            lambda text: text.replace(key, "[key]"),
            clock,
            sleep,
        )
        self._cache = None if cache is None else AnswerCache(cache)
        self._turn = threading.Lock()

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ, **options: Any) -> Self:
        """Make a labeler, if the environment says so: ``LAB_USE_GEMINI=1`` and a key.

        Raises
        ------
        GeminiUnavailable
            If one of them is missing. A key alone is no consent.
        """
        if environ.get(OPT_IN, "").strip() != "1":
            raise GeminiUnavailable(f"{OPT_IN} is not 1: Gemini is not used")
        options.setdefault("cache", default_path())
        return cls(demand_key(environ.get(KEY)), opt_in=True, **options)

    @property
    def usage(self) -> Usage:
        """What was asked for and paid so far."""
        return self._budget.usage

    @property
    def stopped(self) -> str:
        """Why no further request will be sent; empty while there is no such reason."""
        return self._requests.stopped

    def label(self, texts: Sequence[str]) -> list[LabelResult]:
        """Label reviews.

        Parameters
        ----------
        texts : sequence of str
            A text that stands there several times is asked about once.

        Returns
        -------
        list of LabelResult
            One for each text, in their order. Tokens are those of this call: what is known
            already costs nothing.

        Raises
        ------
        TypeError
            If something is not a text.
        """
        for text in texts:
            if not isinstance(text, str):
                raise TypeError(f"a review is a text, not a {type(text).__name__}")
        items = {text: _Item(text) for text in texts}
        for item in items.values():
            if len(item.text) > MAX_REVIEW_CHARS:
                item.error = f"the review is longer than {MAX_REVIEW_CHARS:,} characters"
        with self._turn:
            # Not before: whose turn it was may have asked, and paid, for the same reviews.
            known = self._from_cache(items.values())
            self._ask_about([item for item in items.values() if not (item.label or item.error)])
        results = [items[text].result() for text in texts]
        self._budget.count(cached=known, failed=sum(r.label is None for r in results))
        return results

    def close(self) -> None:
        """Close the connections and the cache."""
        self._http.close()
        if self._cache is not None:
            self._cache.close()

    def __repr__(self) -> str:
        return f"<GeminiLabeler {self.model}: ${self.usage.usd:.4f} of ${self._budget.max_usd:g}>"

    def __reduce__(self) -> Any:
        raise TypeError("a GeminiLabeler holds a key: make a new one where you need it")

    def _ask_about(self, items: list[_Item]) -> None:
        """Ask in batches, several at once, until every review has a label or an error."""
        batches = [items[i : i + self.batch_size] for i in range(0, len(items), self.batch_size)]
        call = self._requests.begin()
        pool = ThreadPoolExecutor(min(self.workers, len(batches)) or 1, "gemini")
        try:
            self._follow(call, {pool.submit(self._work, call, b): len(b) for b in batches})
        finally:
            call.end()
            pool.shutdown(wait=False, cancel_futures=True)
        for item in items:
            if item.label is None:
                item.error = item.error or self.stopped

    def _follow(self, call: Call, sizes: dict[Future[None], int]) -> None:
        """Wait until all batches are settled, or one never will be."""
        done, pending = 0, set(sizes)
        while pending:
            # Each thread keeps the deadline by itself, unless a reply's head never ends.
            timeout = self._requests.seconds_left(call) + self.patience.silence
            settled, pending = wait(pending, timeout, FIRST_COMPLETED)
            if not settled:
                self._requests.stop("a reply never ended: make a new labeler")
                self._http.close()  # whoever still reads finds the connection gone
                return
            for future in settled:
                future.result()
                done += sizes[future]
                self._progress(done, sum(sizes.values()))

    def _work(self, call: Call, items: list[_Item]) -> None:
        """Settle a batch (in a thread of its own)."""
        try:
            self._settle(call, items, self.patience.asks)
        except Stopped as why:
            for item in items:
                if item.label is None:
                    item.error = item.error or str(why)

    def _settle(self, call: Call, items: list[_Item], asks: int) -> None:
        """Ask about some reviews; where the reply is no answer, ask about fewer of them."""
        batch = Batch([item.text for item in items])
        response, why = self._requests.send(call, batch)
        if response is None:
            for item in items:
                item.error = why
            return
        _share(items, tokens_of(response) or (0, 0))
        answers: Sequence[Answer | str]
        try:
            answers = batch.read(response)
        except BadReply as bad:
            if len(items) > 1:
                half = len(items) // 2
                self._settle(call, items[:half], asks)
                self._settle(call, items[half:], asks)
                return
            answers, asks = [str(bad)], asks if bad.again else 1
        self._keep(items, answers)
        for item, answer in zip(items, answers, strict=True):
            if isinstance(answer, Answer):
                continue
            if asks > 1:
                self._settle(call, [item], asks - 1)
            else:
                item.error = answer

    def _keep(self, items: list[_Item], answers: Sequence[Answer | str]) -> None:
        """Take answers over, and store them at once: they are paid for."""
        stored = {}
        for item, answer in zip(items, answers, strict=True):
            if isinstance(answer, Answer):
                item.label, item.confidence = answer.label, answer.confidence
                stored[self._key(item)] = (answer.label, answer.confidence)
        if self._cache is not None and stored:
            self._cache.put(stored)

    def _from_cache(self, items: Collection[_Item]) -> int:
        """Label what was answered before; return how many."""
        if self._cache is None:
            return 0
        keys = {self._key(item): item for item in items}
        found = self._cache.get(keys)
        for key, (label, confidence) in found.items():
            keys[key].label, keys[key].confidence = label, confidence
        return len(found)

    def _key(self, item: _Item) -> str:
        return key_of(self.model, PROMPT_VERSION, SCHEMA, item.text)


@dataclass
class _Item:
    """One review on its way to a label."""

    text: str
    label: Any = None
    confidence: float | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    error: str = ""

    def result(self) -> LabelResult:
        """Return what came of it; the tokens are handed out once."""
        tokens = self.input_tokens, self.output_tokens
        self.input_tokens = self.output_tokens = 0
        error = None if self.label else self.error
        return LabelResult(self.label, self.confidence, *tokens, error=error)


def _share(items: list[_Item], tokens: tuple[int, int]) -> None:
    """Share a reply's tokens among its reviews; the sums stay exact."""
    n = len(items)
    for i, item in enumerate(items):
        item.input_tokens += tokens[0] // n + (i < tokens[0] % n)
        item.output_tokens += tokens[1] // n + (i < tokens[1] % n)
