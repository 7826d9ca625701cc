"""Golden values from independent implementations: trec_eval through pytrec_eval, checked against ranx.

    python3 -m venv venv && venv/bin/pip install numpy pytrec_eval-terrier ranx
    venv/bin/python src/evaluation/golden/make-golden.py > src/evaluation/golden/golden.json

Three parts: `rankings` (several relevant items a user, one metric value each), `catalogue` (a whole evaluation under
FULL_LAST_ITEM: histories, scores and the means that must come out) and `timed` (the same under TIME_SPLIT, with many relevant
items a user). What trec_eval and ranx do not have (coverage, Gini, novelty, popularity lift, recall by popularity group) is worked
out here with NumPy, by other formulas than in the product where there are any. All numbers are drawn from one seed.
"""

import json
import sys
from importlib.metadata import version

import numpy as np
import pytrec_eval
from ranx import Qrels, Run
from ranx import evaluate as ranx_evaluate

CUTOFFS = [1, 3, 5, 10, 20]
random = np.random.default_rng(20261123)


def trec(qrels, run, ks):
    cut = ",".join(map(str, ks))
    names = {f"P.{cut}", f"recall.{cut}", f"ndcg_cut.{cut}", f"map_cut.{cut}", f"success.{cut}", "recip_rank"}
    measured = pytrec_eval.RelevanceEvaluator(qrels, names).evaluate(run)
    ours = {"precision": "P", "recall": "recall", "ndcg": "ndcg_cut", "map": "map_cut", "hitRate": "success"}
    return {
        query: {"mrr@0": values["recip_rank"]}
        | {f"{our}@{k}": values[f"{its}_{k}"] for our, its in ours.items() for k in ks}
        for query, values in measured.items()
    }


def check_with_ranx(qrels, run, expected, ks):
    for our, its in {"precision": "precision", "recall": "recall", "ndcg": "ndcg", "map": "map", "hitRate": "hit_rate"}.items():
        for k in ks:
            second = ranx_evaluate(Qrels(qrels), Run(run), f"{its}@{k}")
            first = np.mean([values[f"{our}@{k}"] for values in expected.values()])
            assert abs(first - second) < 1e-9, (our, k, first, second)


def rankings():
    qrels, run, cases = {}, {}, []
    for user in range(40):
        length = int(random.integers(1, 40))
        ranked = random.permutation(60)[:length].tolist()
        relevant = random.permutation(60)[: int(random.integers(1, 30))].tolist()
        qrels[f"u{user}"] = {f"i{item}": 1 for item in relevant}
        run[f"u{user}"] = {f"i{item}": float(length - rank) for rank, item in enumerate(ranked)}
        cases.append({"ranked": ranked, "relevant": sorted(relevant)})
    expected = trec(qrels, run, CUTOFFS)
    check_with_ranx(qrels, run, expected, CUTOFFS)
    for user, case in enumerate(cases):
        case["expected"] = {name: round(float(value), 12) for name, value in expected[f"u{user}"].items()}
    return cases


def beyond_accuracy(training, shown, relevant, runs, items):
    """training: items of every user in training; shown, relevant, runs: of the users who are measured."""
    counts = np.bincount(np.concatenate(training).astype(int), minlength=items)
    users = sum(len(own) > 0 for own in training)
    order = np.lexsort((np.arange(items), -counts))
    before = (np.cumsum(counts[order]) - counts[order]) / counts.sum()
    group = np.empty(items, dtype=object)
    group[order] = np.where(before < 0.2, "Head", np.where(before < 0.8, "Middle", "Tail"))
    means = {}
    for k in (5, 10, 20):
        heads = [sorted((int(item[1:]) for item in run), key=lambda i: -run[f"i{i}"])[:k] for run in runs]
        means[f"coverage@{k}"] = len(set().union(*heads)) / items
        frequency = np.bincount(np.concatenate(heads), minlength=items)
        # Half the relative mean difference over all ordered pairs of different items.
        differences = np.abs(frequency[:, None] - frequency[None, :]).sum() / (items * (items - 1))
        means[f"gini@{k}"] = float(differences / (2 * frequency.mean()))
        information = -np.log2(np.maximum(counts, 1) / users)
        means[f"novelty@{k}"] = float(np.mean([information[head].mean() for head in heads]))
        chosen = np.mean([counts[own].mean() for own in shown])
        means[f"popularityLift@{k}"] = float(np.mean([counts[head].mean() for head in heads]) / chosen)
        for name in ("Head", "Middle", "Tail"):
            found = []
            for head, truth in zip(heads, relevant):
                own = {item for item in truth if group[item] == name}
                if own:
                    found.append(len(own & set(head)) / len(own))
            if found:
                means[f"recall{name}@{k}"] = float(np.mean(found))
    return means


def catalogue(users=30, items=50):
    histories = [random.permutation(items)[: int(random.integers(3, 20))].tolist() for _ in range(users)]
    scores = np.array([random.permutation(items) for _ in range(users)])  # distinct: no ties to break
    expected = {}
    for split, known in (("VALIDATION", -2), ("TEST", -1)):
        qrels = {f"u{u}": {f"i{histories[u][known]}": 1} for u in range(users)}
        run = {
            f"u{u}": {f"i{i}": float(scores[u, i]) for i in range(items) if i not in histories[u][:known]}
            for u in range(users)
        }
        values = trec(qrels, run, [5, 10, 20])
        check_with_ranx(qrels, run, values, [5, 10, 20])
        means = {name: float(np.mean([row[name] for row in values.values()])) for name in values["u0"]}
        training = [history[:-2] for history in histories]
        shown = [history[:known] for history in histories]
        means |= beyond_accuracy(training, shown, [{history[known]} for history in histories], list(run.values()), items)
        expected[split] = {name: round(value, 12) for name, value in means.items()}
    return {"items": items, "histories": histories, "scores": scores.tolist(), "expected": expected}


def timed(users=30, items=50):
    """Cut at the last 10 % of all interactions in time, and at the 10 % before."""
    lengths = [int(random.integers(6, 25)) for _ in range(users)]
    histories = [random.permutation(items)[:length].tolist() for length in lengths]
    spread = random.permutation(5_000)
    times, used = [], 0
    for length in lengths:
        own = spread[used : used + length].copy()
        used += length
        own[:4] //= 10  # everybody was there early: nobody is without a row in training
        own = np.sort(own * 1000 + np.arange(length))
        times.append(own.tolist())
    scores = np.array([random.permutation(items) for _ in range(users)])
    everything = np.sort(np.concatenate(times))
    size = round(0.1 * len(everything))
    cuts = {"VALIDATION": (everything[-2 * size], everything[-size]), "TEST": (everything[-size], np.inf)}
    between = lambda u, low, high: [i for i, t in zip(histories[u], times[u]) if low <= t < high]
    training = [between(u, -np.inf, cuts["VALIDATION"][0]) for u in range(users)]
    expected, measured = {}, {}
    for split, (low, high) in cuts.items():
        relevant = {u: set(between(u, low, high)) for u in range(users)}
        who = [u for u in range(users) if relevant[u]]
        shown = {u: between(u, -np.inf, low) for u in who}
        qrels = {f"u{u}": {f"i{i}": 1 for i in relevant[u]} for u in who}
        run = {f"u{u}": {f"i{i}": float(scores[u, i]) for i in range(items) if i not in shown[u]} for u in who}
        values = trec(qrels, run, [5, 10, 20])
        check_with_ranx(qrels, run, values, [5, 10, 20])
        means = {name: float(np.mean([row[name] for row in values.values()])) for name in values[f"u{who[0]}"]}
        means |= beyond_accuracy(training, [shown[u] for u in who], [relevant[u] for u in who], [run[f"u{u}"] for u in who], items)
        expected[split] = {name: round(value, 12) for name, value in means.items()}
        measured[split] = {"users": who, "relevant": sum(map(len, relevant.values()))}
    return {
        "items": items,
        "histories": histories,
        "times": times,
        "scores": scores.tolist(),
        "measured": measured,
        "expected": expected,
    }


made_with = {name: version(name) for name in ("pytrec_eval-terrier", "ranx", "numpy")}
json.dump({"madeWith": made_with, "rankings": rankings(), "catalogue": catalogue(), "timed": timed()}, sys.stdout)
sys.stdout.write("\n")
