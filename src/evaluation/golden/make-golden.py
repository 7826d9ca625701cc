"""Golden values from independent implementations: trec_eval through pytrec_eval, checked against ranx.

    python3 -m venv venv && venv/bin/pip install numpy pytrec_eval-terrier ranx
    venv/bin/python src/evaluation/golden/make-golden.py > src/evaluation/golden/golden.json

Two parts: `rankings` (several relevant items a user, one metric value each) and `catalogue` (a whole evaluation under
FULL_LAST_ITEM: histories, scores and the means that must come out). All numbers are drawn from one seed.
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
        for k in (5, 10, 20):
            heads = [sorted(candidates, key=lambda i: -candidates[i])[:k] for candidates in run.values()]
            means[f"coverage@{k}"] = len(set().union(*heads)) / items
        expected[split] = {name: round(value, 12) for name, value in means.items()}
    return {"items": items, "histories": histories, "scores": scores.tolist(), "expected": expected}


made_with = {name: version(name) for name in ("pytrec_eval-terrier", "ranx", "numpy")}
json.dump({"madeWith": made_with, "rankings": rankings(), "catalogue": catalogue()}, sys.stdout)
sys.stdout.write("\n")
