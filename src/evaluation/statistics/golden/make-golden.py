"""Golden values of the paired tests from SciPy, of Holm's correction from statsmodels.

    python3 -m venv venv && venv/bin/pip install scipy statsmodels
    venv/bin/python src/evaluation/statistics/golden/make-golden.py > src/evaluation/statistics/golden/golden.json

`paired`: columns of two systems (recall-like with many ties and zeros, NDCG-like, continuous; small and large) and their p-values.
`exact`: few enough users for all sign patterns. All numbers are drawn from one seed.
"""

import json
from importlib.metadata import version

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests

random = np.random.default_rng(20261123)


def hits(n, p):
    return (random.random(n) < p).astype(float)


def ndcg(n, p):
    ranks = random.integers(1, 21, n)
    return np.where(random.random(n) < p, 1 / np.log2(ranks + 1), 0.0)


def mean_difference(x, y, axis):
    return np.mean(x - y, axis=axis)


def case(name, baseline, candidate):
    rounded = [np.round(column, 6) for column in (baseline, candidate)]
    baseline, candidate = rounded
    # Differences are rounded as well: subtraction must not break ties that are ties on paper.
    bootstrap = stats.bootstrap(
        (candidate - baseline,), np.mean, n_resamples=20_000, method="percentile", rng=np.random.default_rng(1)
    ).confidence_interval
    randomization = stats.permutation_test(
        (candidate, baseline), mean_difference, permutation_type="samples", vectorized=True,
        n_resamples=200_000 if len(baseline) > 13 else np.inf, batch=2_000, rng=np.random.default_rng(2),
    )
    return {
        "name": name,
        "baseline": baseline.tolist(),
        "candidate": candidate.tolist(),
        "difference": float(np.mean(candidate - baseline)),
        "low": float(bootstrap.low),
        "high": float(bootstrap.high),
        "standardError": float(stats.sem(candidate - baseline)),
        "tTest": float(stats.ttest_rel(candidate, baseline).pvalue),
        "wilcoxon": float(
            stats.wilcoxon(np.round(candidate - baseline, 9), method="approx", zero_method="wilcox", correction=False).pvalue
        ),
        "randomization": float(randomization.pvalue),
    }


shared = hits(200, 0.5)
paired = [
    case("recall, correlated", shared * hits(200, 0.8), shared * hits(200, 0.9)),
    case("recall, the same system twice over", hits(150, 0.3), hits(150, 0.3)),
    case("ndcg", ndcg(300, 0.3), ndcg(300, 0.4)),
    case("continuous", random.random(80), random.random(80) + 0.05),
    case("a clear difference", random.random(60), random.random(60) + 0.5),
]
exact = [
    case("ten users", random.random(10), random.random(10) + 0.2),
    case("twelve users with ties", hits(12, 0.3), hits(12, 0.8)),
    case("six users, all better", np.zeros(6), np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])),
]
families = [[0.01, 0.04, 0.03, 0.005], [0.5], [0.2, 0.2, 0.001], [0.9, 0.8, 0.02, 0.02, 1.0], np.round(random.random(12) ** 3, 6).tolist()]
print(
    json.dumps(
        {
            "versions": {name: version(name) for name in ("numpy", "scipy", "statsmodels")},
            "paired": paired,
            "exact": exact,
            "holm": [{"p": p, "adjusted": multipletests(p, method="holm")[1].tolist()} for p in families],
        },
        separators=(",", ":"),
    )
)
