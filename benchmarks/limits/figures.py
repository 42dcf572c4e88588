"""How right scores of touched limits are, and whether they mean what they say."""

import numpy as np
import numpy.typing as npt
from sklearn.metrics import average_precision_score, roc_auc_score

THRESHOLDS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
BINS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4, 1.0)

Array = npt.NDArray[np.float64]


def figures(touched: npt.NDArray[np.bool_], scores: Array) -> dict[str, object]:
    """Means over rounds: `touched` (pairs,), `scores` (rounds, pairs)."""
    every = np.tile(touched, len(scores))
    flat = scores.ravel()
    rate = float(touched.mean())
    shown = {
        str(threshold): {
            "shown": round(float((flat >= threshold).sum()) / len(scores), 1),
            "precision": round(float(every[flat >= threshold].mean()), 3),
            "recall": round(float((flat[every] >= threshold).mean()), 3),
        }
        for threshold in THRESHOLDS
        if (flat >= threshold).any()
    }
    bins = np.digitize(flat, BINS[1:-1])
    reliability = [
        {
            "said": round(float(flat[bins == number].mean()), 3),
            "true": round(float(every[bins == number].mean()), 3),
            "pairs": round(float((bins == number).sum()) / len(scores), 1),
        }
        for number in range(len(BINS) - 1)
        if (bins == number).any()
    ]
    error = sum(abs(each["said"] - each["true"]) * each["pairs"] for each in reliability)
    return {
        "pairs": len(touched),
        "touched": int(touched.sum()),
        "area_under_roc": round(float(np.mean([roc_auc_score(touched, each) for each in scores])), 3),
        "average_precision": round(
            float(np.mean([average_precision_score(touched, each) for each in scores])), 3
        ),
        "brier": round(float(((flat - every) ** 2).mean()), 4),
        "brier_of_always_the_mean": round(rate * (1 - rate), 4),
        "calibration_error": round(error / len(touched), 4),
        "at": shown,
        "reliability": reliability,
    }
