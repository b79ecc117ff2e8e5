"""Movie reviews to label: the handout's easy ones and realistic, harder ones.

Labels are 1 (positive), 0 (negative) and 2 (neutral), as in the handout.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import numpy as np
import pandas as pd

from helpers.writer import Review, write_reviews

POSITIVE_TEMPLATES = [
    "Amazing movie! Loved every minute of {movie}.",
    "{movie} was absolutely fantastic. A must-watch!",
    "Best film I've seen this year. {movie} is a masterpiece.",
    "Incredible performances in {movie}. Highly recommend!",
    "{movie} exceeded all my expectations. Perfect 10/10.",
    "Brilliant storytelling in {movie}. Oscar-worthy!",
    "Loved {movie}! The acting was superb.",
    "{movie} is a triumph. Beautifully crafted film.",
]
NEGATIVE_TEMPLATES = [
    "Terrible movie. {movie} was a complete waste of time.",
    "{movie} was awful. Avoid at all costs.",
    "Worst film I've ever seen. {movie} is garbage.",
    "{movie} was boring and predictable. Very disappointed.",
    "Don't waste your money on {movie}. Horrible!",
    "{movie} has no redeeming qualities. Truly bad.",
    "Painful to watch. {movie} is a disaster.",
    "{movie} is insulting to audiences. Just awful.",
]
NEUTRAL_TEMPLATES = [
    "{movie} was okay. Nothing special.",
    "Average film. {movie} had its moments.",
    "{movie} is fine. Not great, not terrible.",
    "Meh. {movie} was just okay.",
    "{movie} was watchable but forgettable.",
    "It's alright. {movie} passes the time.",
]
MOVIES = [
    "Inception",
    "The Matrix",
    "Avatar",
    "Titanic",
    "Interstellar",
    "The Godfather",
    "Pulp Fiction",
    "Parasite",
    "Joker",
    "Gladiator",
]

LABELS = {"positive": 1, "negative": 0, "neutral": 2}


def handout(n: int = 1000) -> pd.DataFrame:
    """Generate the handout's reviews, with exactly the handout's random numbers.

    Parameters
    ----------
    n : int
        Number of reviews.

    Returns
    -------
    DataFrame
        Columns ``review`` (str) and ``label`` (int: 1 positive, 0 negative, 2 neutral). For
        n=1000 there are 426 negative, 392 positive and 182 neutral reviews.

    Notes
    -----
    ``RandomState(42)`` gives the numbers that the handout gets from ``np.random.seed(42)`` without
    touching numpy's global state.
    """
    rng = np.random.RandomState(42)
    templates = {
        "positive": POSITIVE_TEMPLATES,
        "negative": NEGATIVE_TEMPLATES,
        "neutral": NEUTRAL_TEMPLATES,
    }
    reviews, labels = [], []
    for _ in range(n):
        movie = rng.choice(MOVIES)
        sentiment = rng.choice(["positive", "negative", "neutral"], p=[0.4, 0.4, 0.2])
        template = rng.choice(templates[sentiment])
        reviews.append(template.format(movie=movie))
        labels.append(LABELS[sentiment])
    return pd.DataFrame({"review": reviews, "label": labels})


def realistic(n: int, difficulty: float = 0.5, seed: int = 0, classes: int = 2) -> pd.DataFrame:
    """Generate realistic reviews.

    Parameters
    ----------
    n : int
        Number of reviews. The first rows do not depend on `n`.
    difficulty : float
        From 0 (nearly every review says plainly what it means) to 1.
    seed : int
        Another seed, other reviews.
    classes : {2, 3}
        2: positive and negative, half each. 3: also neutral, about 40/40/20 %.

    Returns
    -------
    DataFrame
        Columns ``review`` (str), ``label`` (int: 1 positive, 0 negative, 2 neutral), ``kind``
        (str: plain, eloquent, implicit, negation, contrast, mixed or sarcasm; the more difficult,
        the fewer plain ones), ``genre`` and ``movie`` (str).
        No two rows have the same words apart from the title.

    Raises
    ------
    ValueError
        If `difficulty` is not in [0, 1], `classes` not 2 or 3, or `n` negative.
    """
    if not 0 <= difficulty <= 1:
        raise ValueError(f"difficulty must be between 0 and 1, not {difficulty}")
    if classes not in (2, 3):
        raise ValueError(f"classes must be 2 or 3, not {classes}")
    if n < 0:
        raise ValueError(f"n must not be negative, but is {n}")
    reviews = islice(_distinct(write_reviews(difficulty, seed, classes)), n)
    columns = ["review", "label", "kind", "genre", "movie"]
    return pd.DataFrame([review[:5] for review in reviews], columns=columns)


def _distinct(reviews: Iterable[Review]) -> Iterator[Review]:
    """Leave out reviews that differ from an earlier one in the title only."""
    seen = set()
    for review in reviews:
        if review.words not in seen:
            seen.add(review.words)
            yield review


def simulated_human(
    reviews: pd.DataFrame | Sequence[str],
    labels: Sequence[int] | None = None,
    error: float = 0.04,
    seed: int = 0,
    classes: int = 2,
) -> np.ndarray:
    """Label reviews as a person would who now and then slips.

    Parameters
    ----------
    reviews : DataFrame or sequence of str
        A frame with columns ``review`` and ``label``, or the texts.
    labels : sequence of int, optional
        True labels; needed unless `reviews` is a frame.
    error : float
        Share of reviews that get a wrong label.
    seed : int
        Another seed, another person.
    classes : int
        Labels run from 0 to ``classes - 1``; a slip gives any of the others.

    Returns
    -------
    ndarray of int, shape (n,)
        The same person always gives the same text the same label, in whatever batch it comes.

    Raises
    ------
    ValueError
        If the labels are missing, not as many as the reviews, or outside of the classes.
    """
    if isinstance(reviews, pd.DataFrame):
        reviews, labels = reviews["review"].tolist(), reviews["label"]
    if labels is None or len(labels) != len(reviews):
        raise ValueError("give one true label for every review")
    given = np.array(labels, dtype=int)
    if len(given) and not 0 <= given.min() <= given.max() < classes:
        raise ValueError(f"labels must be from 0 to {classes - 1}: is `classes` right?")
    for i, review in enumerate(reviews):
        noise = text_noise(review, f"human {seed}")
        if noise < error:
            # 1 to classes - 1 steps further, around the circle, is any label but the true one.
            given[i] = (given[i] + 1 + int(noise / error * (classes - 1))) % classes
    return given


def text_noise(text: str, salt: str = "") -> float:
    """Map a text to a number in [0, 1) that looks random but never changes.

    Parameters
    ----------
    text : str
    salt : str
        Another salt, another number. At most 64 bytes.
    """
    raw = text.encode("utf-8", "surrogatepass")
    digest = hashlib.blake2b(raw, digest_size=8, key=salt.encode()).digest()
    return (int.from_bytes(digest) >> 11) / (1 << 53)
