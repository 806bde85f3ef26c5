"""Execute the stages of a chain one after the other, each from the one before."""

from __future__ import annotations

from collections.abc import Callable

from axolotl_explain.core.errors import ExplainError
from axolotl_explain.internalisation.chain import Chain
from axolotl_explain.internalisation.chain_file import write_chain
from axolotl_explain.internalisation.stage_result import (
    StageResult,
    goes_on,
    read_stage,
)
from axolotl_explain.sweep.backend import Backend
from axolotl_explain.sweep.scheduler import Listener, Scheduler


def run_chain(
    chain: Chain,
    backend: Backend,
    listener: Listener,
    evaluated: Callable[[StageResult], None] = lambda result: None,
) -> list[StageResult]:
    """Train and evaluate what is not finished; end where nothing is to be gained.

    The curve so far is written after every stage.

    Args:
        evaluated: called with each stage once its answers are known.

    Raises:
        ExplainError: if a stage fails, with its last lines.
        KeyboardInterrupt: once everything that was under way has ended.
    """
    slots = backend.slots(1, 1)
    results: list[StageResult] = []
    for one in chain.runs:
        errors = Scheduler([one.run], slots, backend, listener).execute()
        for error in errors.values():
            raise error
        found = read_stage(one.run, one.choices["stage"], chain.held_out, chain.tests)
        if found is None:
            raise ExplainError(
                f"{one.run.results}: there are no answers to "
                f"{', '.join(chain.held_out)}; remove the folder to have them asked."
            )
        results.append(found)
        write_chain(chain, results, None)
        evaluated(found)
        if not goes_on(results, chain.options):
            break
    return results
