"""What is left of a call: its ledger rows, what the agent keeps and what holds the answer under its key, in one commit."""

import asyncio
import random
from collections.abc import Sequence

from shared.documents import LedgerEntry
from shared.errors import AlreadyExists, StaleVersion, Superseded, Unavailable
from shared.llm import rows as ledger
from shared.llm import telling
from shared.llm.admission import Admission
from shared.llm.attempt import Run
from shared.llm.call import Again, Answer, Keep
from shared.llm.catalog import Catalog
from shared.llm.settlement import Settlements
from shared.store import Put, Store, Write

_RACES = 20
_AGAIN_SECONDS = 1.0
"""How long rows are written at once to a store that has been tried for long already: a learner waits to hear of it."""


class Recording:
    """Writes what a run has come to, and settles what it owes behind that."""

    def __init__(self, store: Store, admission: Admission, settlements: Settlements, catalog: Catalog) -> None:
        self._store = store
        self._catalog = catalog
        self._admission = admission
        self._settlements = settlements

    async def finish(self, run: Run, answer: Answer, keep: Keep, seal: Keep, again: Again | None) -> None:
        """Store the rows, the event that tells of them, what `keep` and what `seal` return: all or nothing.

        A race that `keep` loses is run again with what `again` returns; without that the store's error is raised. Where the
        seal was broken (another execution was first) only the rows are kept, not as an answer's: Superseded.
        """
        rows = _rows(run, answer)
        # Their ids carry a message id made for this call: nothing to look up, and writing one twice changes nothing.
        sealed: list[Write] = [*(Put(entry) for entry in rows), *seal(answer)]
        sealed.append(Put(telling.of_run(run, answer, self._catalog)))
        kept = keep(answer)
        # A cancelled commit is not taken back, so these rows must not be written again as abandoned.
        run.recorded = True
        try:
            for race in range(_RACES):
                try:
                    await self._store.commit(*sealed, *kept)
                except (AlreadyExists, StaleVersion):
                    if not await self._is_ours(sealed):
                        await self._superseded(run, rows)
                    if again is None:
                        raise
                    kept = await again(answer)
                    await asyncio.sleep(random.uniform(0, 0.01 * race))
                else:
                    return
            raise Unavailable("Too many at once want to change the same.")
        except Superseded:
            raise
        except Exception:  # whatever it was is raised on; only the rows must still be written as abandoned
            run.recorded, run.unstored = False, True
            raise

    async def abandon(self, run: Run) -> bool:
        """Settle and record what was begun when the answer did not come to its end; False when all is recorded already."""
        if run.recorded:
            return False
        run.recorded = True
        try:
            for attempt in run.attempts:
                if attempt.ending is None and attempt.error is None:
                    attempt.ending = "abandoned"
                await self._admission.settle(run, attempt)
            if run.attempts:
                rows = [ledger.of_attempt(run, attempt, final=False) for attempt in run.attempts]
                await self._settlements.record(rows, _AGAIN_SECONDS if run.unstored else None)
        finally:
            await self._admission.close_out(run)
        return True

    async def _is_ours(self, sealed: Sequence[Write]) -> bool:
        """Whether every document that is to be changed at a version is still at it."""
        for write in sealed:
            if isinstance(write, Put):
                if write.expect is None:
                    continue
                found = await self._store.get_versioned(type(write.document), write.document.id)
                if found is None or found[1] != write.expect:
                    return False
            elif await self._store.get(write.document.__class__, write.document.id) is not None:  # type: ignore[union-attr]
                return False
        return True

    async def _superseded(self, run: Run, rows: Sequence[LedgerEntry]) -> None:
        flagged = [entry.model_copy(update={"final": False, "flags": [*entry.flags, "superseded"]}) for entry in rows]
        try:
            await self._settlements.record(flagged, None)
        finally:
            await self._admission.close_out(run)
        raise Superseded("The request was answered elsewhere meanwhile.")


def _rows(run: Run, answer: Answer) -> list[LedgerEntry]:
    by_model = answer.cache == "none" and answer.provider != "template"
    rows = [ledger.of_attempt(run, attempt, final=by_model and attempt is run.attempts[-1]) for attempt in run.attempts]
    if not by_model:
        outcome = "cached" if answer.cache != "none" else _without_model(answer)
        rows.append(
            ledger.of_answer(
                run,
                model=answer.model,
                provider=answer.provider,
                outcome=outcome,
                cache=answer.cache,
                latency_ms=answer.latency_ms,
            )
        )
    return rows


def _without_model(answer: Answer) -> str:
    return "template" if answer.verdict.action == "allow" else answer.verdict.action
