"""Which record may be about which earlier one: voids, completions and refunds.

Owned here: the table, and that an earlier record is undone or completed once, refunded never beyond what was paid.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from firmware.journal.database import Database, text, whole
from firmware.journal.errors import AlreadyVoided, NotVoidable
from firmware.journal.phases import EFFECTIVE, UNDONE
from firmware.journal.records import Kind, Record
from firmware.units import Money


@dataclass(frozen=True, slots=True)
class About:
    """What a record of some kind says of the earlier record that it is about.

    `required`: it must be one of this journal. `same_batch`: of the current batch. `most_percent`: how much of the
    earlier amount it may be; `whole`: all of it and no less. `once`: nothing else may be about the same record; where
    not, only more of the same kind, whose sum counts.
    """

    kind: Kind
    required: bool
    same_batch: bool
    whole: bool
    once: bool = True
    most_percent: int = 100


ABOUT: Final[Mapping[Kind, About]] = {
    Kind.CASH_VOID: About(Kind.CASH_SALE, required=True, same_batch=True, whole=True),
    Kind.VOID: About(Kind.SALE, required=True, same_batch=True, whole=True),
    Kind.PREAUTH_VOID: About(Kind.PREAUTH, required=False, same_batch=False, whole=True),
    Kind.COMPLETION: About(Kind.PREAUTH, required=False, same_batch=False, whole=False, most_percent=115),
    Kind.COMPLETION_VOID: About(Kind.COMPLETION, required=True, same_batch=True, whole=True),
    Kind.REFUND: About(Kind.SALE, required=False, same_batch=False, whole=False, once=False),
}
"""A kind that is not here is about nothing earlier. The 115 % are those of UnionPay's rules for completions."""

REQUIRED: Final = frozenset(kind for kind, about in ABOUT.items() if about.required)
"""The kinds that cannot do without an earlier record of this journal."""

VOIDS: Final = frozenset({Kind.CASH_VOID, Kind.VOID, Kind.PREAUTH_VOID, Kind.COMPLETION_VOID})
"""The kinds of record that undo another one."""

_OTHERS: Final = """
SELECT r.kind, r.stan, r.amount_minor FROM records r WHERE r.original_id = ? AND NOT EXISTS
    (SELECT 1 FROM phase_changes p WHERE p.record_id = r.id AND p.phase IN (SELECT value FROM json_each(?)))
AND NOT EXISTS
    (SELECT 1 FROM records v JOIN phase_changes p ON p.record_id = v.id WHERE v.original_id = r.id
        AND v.kind IN (SELECT value FROM json_each(?)) AND p.phase IN (SELECT value FROM json_each(?)))
ORDER BY r.id
"""
"""What else is about a record: not what came to nothing, nor what was undone itself."""


def check(database: Database, kind: Kind, kept: Record, amount: Money, batch: int) -> None:
    """Let a record of `kind` be about `kept`. Raises: AlreadyVoided, NotVoidable."""
    about = ABOUT[kind]
    wrong_batch = about.same_batch and kept.batch != batch
    if kept.kind is not about.kind or kept.phase not in EFFECTIVE or wrong_batch:
        raise NotVoidable(f"Record {kept.stan} is not a completed {about.kind} that a {kind} can be about.")
    taken = amount.minor
    wanted = (kept.id, json.dumps(sorted(UNDONE)), json.dumps(sorted(VOIDS)), json.dumps(sorted(EFFECTIVE)))
    for other_kind, stan, minor in database.rows(_OTHERS, wanted):
        if about.once or text(other_kind) != kind:
            raise AlreadyVoided(f"Record {kept.stan} has the {text(other_kind)} {whole(stan):06} already.")
        taken += whole(minor)
    assert not about.whole or amount == kept.approved, "this is for the whole amount"
    if taken * 100 > kept.approved.minor * about.most_percent:
        raise NotVoidable(f"Record {kept.stan} is for {kept.approved}, and this would go beyond it.")
