"""Figures of merit for labelled scores, in plain Python. Sources stand beside those that have more than one definition."""

from collections.abc import Hashable, Sequence


def average_precision(labels: Sequence[int], scores: Sequence[float]) -> float:
    """Area under precision over recall as Σ (Rₙ − Rₙ₋₁) Pₙ (scikit-learn's `average_precision_score`). Ties fall together.

    NaN without a positive.
    """
    order = sorted(zip(scores, labels, strict=True), key=lambda pair: -pair[0])
    positives = sum(labels)
    if positives == 0:
        return float("nan")
    area, hits, hits_before, place = 0.0, 0, 0, 0
    while place < len(order):
        score = order[place][0]
        while place < len(order) and order[place][0] == score:
            hits += order[place][1]
            place += 1
        area += (hits - hits_before) / positives * (hits / place)
        hits_before = hits
    return area


def threshold_at(negatives: Sequence[float], rate: float) -> float:
    """The lowest threshold t of `score > t` that at most `rate` of the negatives exceed. Raises ValueError without any."""
    if not negatives:
        raise ValueError("a false-positive rate needs negatives")
    ordered = sorted(negatives, reverse=True)
    return ordered[min(int(rate * len(ordered)), len(ordered) - 1)]


def share_above(scores: Sequence[float], threshold: float) -> float:
    """How many of the scores exceed the threshold, as a fraction; NaN of none."""
    return sum(score > threshold for score in scores) / len(scores) if scores else float("nan")


def share(flags: Sequence[bool]) -> float:
    """The fraction that is true; NaN of none."""
    return sum(flags) / len(flags) if flags else float("nan")


def confusion(truth: Sequence[Hashable], found: Sequence[Hashable], label: Hashable) -> tuple[int, int, int]:
    """(true positives, false positives, false negatives) of one label."""
    pairs = list(zip(truth, found, strict=True))
    right = sum(a == label and b == label for a, b in pairs)
    return right, sum(b == label for _, b in pairs) - right, sum(a == label for a, _ in pairs) - right


def f1(truth: Sequence[Hashable], found: Sequence[Hashable], label: Hashable) -> float:
    """2TP / (2TP + FP + FN) of one label; 0 where it neither occurs nor is found."""
    right, wrong, missed = confusion(truth, found, label)
    return 2 * right / (2 * right + wrong + missed) if right else 0.0


def macro_f1(truth: Sequence[Hashable], found: Sequence[Hashable], labels: Sequence[Hashable]) -> float:
    """The plain mean of the labels' F1."""
    return sum(f1(truth, found, label) for label in labels) / len(labels)


def macro_recall(truth: Sequence[Hashable], found: Sequence[Hashable], labels: Sequence[Hashable]) -> float:
    """The plain mean of the labels' recall; a label that does not occur counts as 0."""
    parts = (confusion(truth, found, label) for label in labels)
    return sum(right / (right + missed) if right else 0.0 for right, _, missed in parts) / len(labels)


def accuracy(truth: Sequence[Hashable], found: Sequence[Hashable]) -> float:
    """The fraction found right; NaN of none."""
    return share([a == b for a, b in zip(truth, found, strict=True)])


def rmse(truth: Sequence[float], found: Sequence[float]) -> float:
    """Root of the mean squared difference; NaN of none."""
    squares = [(a - b) ** 2 for a, b in zip(truth, found, strict=True)]
    return (sum(squares) / len(squares)) ** 0.5 if squares else float("nan")


def spearman(truth: Sequence[float], found: Sequence[float]) -> float:
    """Spearman's rank correlation: Pearson's of the ranks, ties sharing their mean rank. NaN where one side is constant."""
    a, b = ranks(truth), ranks(found)
    middle = (len(a) + 1) / 2
    spread = sum((x - middle) ** 2 for x in a) * sum((y - middle) ** 2 for y in b)
    if not spread:
        return float("nan")
    return sum((x - middle) * (y - middle) for x, y in zip(a, b, strict=True)) / float(spread**0.5)


def ranks(values: Sequence[float]) -> list[float]:
    """Each value's rank from 1, ties sharing their mean rank."""
    order = sorted(range(len(values)), key=lambda place: values[place])
    found = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for place in range(start, end + 1):
            found[order[place]] = (start + end) / 2 + 1
        start = end + 1
    return found
