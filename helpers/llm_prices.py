"""Language models and what they cost: the only place for model names and their prices.

Prices are US dollars for a million tokens, at the standard rate, without the free tier. They change
every few months: each says when it was looked up. A price of last year proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

MILLION = 1_000_000


@dataclass(frozen=True)
class Model:
    """One model of the Gemini API.

    Attributes
    ----------
    name : str
        Its id, as the API takes it.
    input_usd, output_usd : float
        US dollars for a million tokens. What a model thinks before it answers is output too.
    as_of : str
        The day the price was looked up.
    note : str
    """

    name: str
    input_usd: float
    output_usd: float
    as_of: str
    note: str = ""

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        """Return what tokens cost, in US dollars."""
        return (input_tokens * self.input_usd + output_tokens * self.output_usd) / MILLION


MODELS = {
    model.name: model
    for model in (
        Model("gemini-3.1-flash-lite", 0.25, 1.50, "2026-11-22"),
        Model("gemini-3.5-flash-lite", 0.30, 2.50, "2026-11-22", "replaces 2.5-flash"),
        Model("gemini-3.8-flash", 0.75, 3.75, "2026-11-22", "a price for a limited time"),
    )
}
DEFAULT_MODEL = "gemini-3.5-flash-lite"

# Models that older guides name, with the day they were, or will be, switched off.
RETIRED = {
    "gemini-2.0-flash-exp": "2026-06-01",
    "gemini-2.0-flash": "2026-06-01",
    "gemini-2.5-flash": "2026-12-01",
}


def model(name: str = DEFAULT_MODEL) -> Model:
    """Return a model and its price.

    Raises
    ------
    ValueError
        If it is retired or its price is not known: without a price there is no spending cap.
    """
    if name in RETIRED:
        raise ValueError(f"{name} is switched off on {RETIRED[name]}; use {DEFAULT_MODEL}")
    if name not in MODELS:
        raise ValueError(
            f"no price is known for {name!r}; known: {', '.join(MODELS)} (helpers/llm_prices.py)"
        )
    return MODELS[name]
