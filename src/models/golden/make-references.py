"""Golden values for the reference systems from NumPy alone, in double precision, by the formulas of the papers.

    python3 -m venv venv && venv/bin/pip install numpy
    venv/bin/python src/models/golden/make-references.py > src/models/golden/references.json

EASE: B = 1 - P diag(P)^-1 (Steck 2019) by the item-by-item inverse, for many users and for few.
ALS: two epochs of exact alternating least squares from given item factors (Hu et al. 2008; Rendle et al. 2022).
"""

import json
import sys
from importlib.metadata import version

import numpy as np

random = np.random.default_rng(20261123)


def interactions(users, items):
    """Every user has 2 to 8 items, the lower ones more often; in random order."""
    popularity = 1 / (1 + np.arange(items))
    return [
        random.choice(items, size=int(random.integers(2, 9)), replace=False, p=popularity / popularity.sum()).tolist()
        for _ in range(users)
    ]


def matrix(histories, items):
    x = np.zeros((len(histories), items))
    for user, history in enumerate(histories):
        x[user, history] = 1
    return x


def rounded(values):
    return [float(f"{value:.9g}") for value in np.ravel(values)]


def ease(users, items, regularization):
    histories = interactions(users, items)
    x = matrix(histories, items)
    p = np.linalg.inv(x.T @ x + regularization * np.eye(items))
    b = np.eye(items) - p / np.diag(p)
    return {
        "items": items,
        "histories": histories,
        "regularization": regularization,
        "weights": rounded(b),
        "scores": rounded(x @ b),
    }


def solve_side(x, fixed, settings):
    alpha, strength, exponent = settings["unobservedWeight"], settings["regularization"], settings["regularizationExponent"]
    target = np.empty((x.shape[0], fixed.shape[1]))
    for row, observed in enumerate(x):
        ridge = strength * (observed.sum() + alpha * x.shape[1]) ** exponent
        own = fixed[observed > 0]
        target[row] = np.linalg.solve(own.T @ own + alpha * fixed.T @ fixed + ridge * np.eye(fixed.shape[1]), own.sum(axis=0))
    return target


def objective(x, w, h, settings):
    alpha, strength, exponent = settings["unobservedWeight"], settings["regularization"], settings["regularizationExponent"]
    scores = w @ h.T
    loss = ((scores - 1) ** 2 * x).sum() + alpha * (scores**2).sum()
    loss += (strength * (x.sum(axis=1) + alpha * x.shape[1]) ** exponent * (w**2).sum(axis=1)).sum()
    return loss + (strength * (x.sum(axis=0) + alpha * x.shape[0]) ** exponent * (h**2).sum(axis=1)).sum()


def als(users, items, size, settings, epochs=2):
    histories = interactions(users, items)
    x = matrix(histories, items)
    initial = np.float32(random.normal(size=(items, size)) * 0.1)
    h, losses = initial.astype(float), []
    for _ in range(epochs):
        w = solve_side(x, h, settings)
        h = solve_side(x.T, w, settings)
        losses.append(objective(x, w, h, settings))
    stranger = sorted(random.choice(items, size=4, replace=False).tolist())
    factor = solve_side(matrix([stranger], items), h, settings)
    return {
        "items": items,
        "histories": histories,
        "settings": {"embeddingSize": size, **settings},
        "initial": rounded(initial),
        "itemFactors": rounded(h),
        "losses": rounded(losses),
        "stranger": {"history": stranger, "scores": rounded(factor @ h.T)},
    }


print(f"NumPy {version('numpy')}", file=sys.stderr)
json.dump(
    {
        "madeBy": f"make-references.py, NumPy {version('numpy')}",
        "ease": [ease(users=40, items=14, regularization=3), ease(users=12, items=50, regularization=2)],
        "als": [
            als(24, 15, 5, {"unobservedWeight": 0.2, "regularization": 0.05, "regularizationExponent": 1}),
            als(15, 24, 6, {"unobservedWeight": 0.05, "regularization": 0.3, "regularizationExponent": 0.5}),
        ],
    },
    sys.stdout,
)
print()
