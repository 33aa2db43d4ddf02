"""How soon somebody should look at a message, 1 (no need) to 7 (at once), as forum posts are rated. Rules: no data is needed.

The scale is that of Švábenský et al. 2023 (EDM, "Towards Generalizable Detection of Urgency of Discussion Forum Posts"). Where a
model was made on this machine (`scripts/train-models urgency`), its rating takes the place of the rules'.
"""

from collections.abc import Mapping

LOWEST, HIGHEST = 1.0, 7.0
_CALM = 1.6
_QUESTION = 1.3
_URGENT, _CONFUSED, _FRUSTRATED, _NEGATIVE = 1.8, 1.0, 0.9, 0.4
_THANKED = -0.5
_MARKS = ("?", "？", "؟")


def rated(text: str, cues: Mapping[str, float], negative: float, *, crisis: bool = False) -> float:
    """The rating by rules: what is asked, what is said of haste and trouble, the mood. A crisis is always 7."""
    if crisis:
        return HIGHEST
    rating = _CALM
    if any(mark in text for mark in _MARKS):
        rating += _QUESTION
    rating += _URGENT * cues.get("urgent", 0) + _CONFUSED * cues.get("confusion", 0)
    rating += _FRUSTRATED * cues.get("frustration", 0) + _NEGATIVE * negative
    if "thanks" in cues and "confusion" not in cues:
        rating += _THANKED
    return bounded(rating)


def bounded(rating: float) -> float:
    """Within the scale."""
    return round(min(HIGHEST, max(LOWEST, rating)), 2)
