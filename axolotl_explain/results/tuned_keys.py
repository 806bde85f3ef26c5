"""Which keys of a recipe a sweep has chosen for each arm by itself.

Arms that were tuned alike differ in what was chosen for them, such as their learning
rates, and are compared all the same: that is what tuning is for.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from axolotl_explain.results.json_values import as_list, as_mapping
from axolotl_explain.results.lenient import read_object

SWEEP = "results.json"
ABOVE = 2
"""A run lies so many folders below the file of its sweep, at most."""


def tuned_keys(run: Path) -> frozenset[str]:
    """The keys that were tuned in the sweep of a run; none outside a sweep."""
    above = [run, *run.resolve().parents][: ABOVE + 1]
    found = next((one / SWEEP for one in above if (one / SWEEP).is_file()), None)
    if found is None:
        return frozenset()
    return _chosen_in(found, found.stat().st_mtime_ns)


@cache
def _chosen_in(results: Path, changed: int) -> frozenset[str]:
    """The keys of a file that all runs of a sweep share; read once as it is."""
    tuned = as_list(read_object(results, []).get("tuned"))
    chosen = (as_mapping(as_mapping(one).get("chosen")) for one in tuned)
    return frozenset(str(key) for keys in chosen for key in keys)
