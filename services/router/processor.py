"""Processor: the router as the transport sees it: raw records in, messages out, state in memory and on its topic."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from schemas.dead_letter import dead_letter
from schemas.errors import Rejected
from schemas.events import event_schema
from schemas.kochbuch import Kochbuch
from schemas.message import Message, Stored
from schemas.recipe import Recipe
from services.router import rejection
from services.router.batch import Batch
from services.router.case import Case, next_due
from services.router.closing import erased
from services.router.core import COMMANDS, decide, unknown_case
from services.router.letter import Slip
from services.router.outbox import Outbox
from services.router.plan import Plan, plan_of
from services.router.request import SUBMITTED, TIMER_FIRED, Context, Decision, Request
from services.router.store import CaseCodec, Closed, Store, head_of, key_of, text_of
from services.runtime.account import Account, Outcome, Place

STAGE = "router"
PER_TICK = 1_000
"""Cases whose timers one tick fires at most; what is left follows with the next."""

_HOUR = 3_600_000_000


class Router:
    """Implements services.runtime.bus.Processor."""

    def __init__(self, book: Kochbuch) -> None:
        self._book = book
        self._codec = book.codec
        self._cases = CaseCodec(self._codec)
        self._outbox = Outbox(self._codec)
        self._recipes = {recipe.submission.id: recipe for recipe in book.versions.values()}
        self._commands = {event_schema(name).id: name for name in COMMANDS}
        self._contexts: dict[tuple[str, int, str], Context] = {}
        self._stores: dict[int, Store] = {}
        self._account = Account()

    def restore(self, partition: int, records: Iterable[Stored]) -> None:
        """Keeps the open cases and remembers where the closed ones are."""
        self._store(partition).restore(records)

    def recall(self, record: Stored) -> int | None:
        """Where the record's case stands on the state topic, if it is closed."""
        store = self._stores.get(record.partition)
        if store is None or record.key is None:
            return None
        try:
            closed = store.closed(key_of(record.key))
        except ValueError:
            return None
        return closed.offset if closed else None

    def recalled(self, partition: int, state: Stored) -> None:
        """Takes a closed case back into memory for the next batch."""
        if state.key is not None and state.value is not None:
            self._store(partition).recall(key_of(state.key), state.value)

    def process(self, partition: int, records: Sequence[Stored], now: int) -> list[Message]:
        """Decides each record; what is bad becomes a dead letter, and the others go on."""
        batch = Batch(self._store(partition))
        for record in records:
            try:
                self._take(batch, record, now)
            except Rejected as error:
                self._account.outcomes[Outcome.DEAD_LETTER] += 1
                self._account.reasons[error.reason.value] += 1
                batch.out.append(dead_letter(record, error, STAGE, now))
        batch.store.dismiss()
        return batch.finish()

    def tick(self, partition: int, now: int) -> list[Message]:
        """Fires what fell due, at most PER_TICK cases at once."""
        store = self._stores.get(partition)
        if store is None:
            return []
        batch = Batch(store)
        for key in store.due(now, PER_TICK):
            self._fire_due(batch, key, now, now)
        return batch.finish()

    def written(self, partition: int, states: Sequence[tuple[bytes, int]]) -> None:
        """Closed cases leave memory once their record is on the topic."""
        store = self._stores.get(partition)
        if store is not None:
            for key, offset in states:
                store.written(key_of(key), offset)

    def forget(self, partition: int) -> None:
        """The partition's cases now belong to another process."""
        self._stores.pop(partition, None)

    @property
    def outcomes(self) -> Counter[str]:
        """What became of the records since the account was last asked for."""
        return self._account.outcomes

    def account(self) -> Account:
        """What became of every record, how many slips went where, and which duties fell due."""
        taken, self._account = self._account, Account()
        return taken

    def timers(self) -> int:
        """How many cases have a next deadline or reminder; those that were settled lately may still be among them."""
        return sum(store.timetable for store in self._stores.values())

    def open_cases(self) -> int:
        """How many cases this process holds in memory."""
        return sum(len(store.open) for store in self._stores.values())

    def _store(self, partition: int) -> Store:
        store = self._stores.get(partition)
        if store is None:
            store = self._stores[partition] = Store()
        return store

    def _take(self, batch: Batch, record: Stored, now: int) -> None:
        schema, body = self._codec.decode(record.value)
        key = _key(record, body)
        recipe = self._recipes.get(schema.id)
        if recipe is not None:
            self._submission(batch, record, key, recipe, body, now)
        elif kind := self._commands.get(schema.id):
            self._command(batch, record, key, Request(kind, body), now)
        else:
            raise rejection.no_request(schema.name)

    def _submission(
        self, batch: Batch, record: Stored, key: bytes, recipe: Recipe, body: dict[str, Any], now: int
    ) -> None:
        known = _in_memory(batch.store, key)
        if known is not None:
            self._known(known, record, body)
            return
        context = self._context_of(recipe, body)
        raw = record.value or b""
        decision = decide(None, Request(SUBMITTED, body, raw), now, context)
        case_id = body["case_id"]
        batch.out += self._outbox.messages(case_id, decision, now, context=context, headers=record.headers)
        self._account.outcomes[Outcome.ROUTED] += 1
        self._count_slips(decision, context, body["received_at"])
        self._keep(batch, key, decision)

    def _known(self, value: bytes, record: Stored, body: dict[str, Any]) -> None:
        submission = self._cases.decode(body["case_id"], value)["submission"]
        if submission != record.value and self._read(submission)["digest"] != body["digest"]:
            raise rejection.other_content()
        self._account.outcomes[Outcome.DUPLICATE] += 1

    def _command(self, batch: Batch, record: Stored, key: bytes, request: Request, now: int) -> None:
        value = _in_memory(batch.store, key)
        case_id = request.body["case_id"]
        context: Context | None = None
        case: Case | None = None
        if value is not None:
            # What was asked in time is answered before what fell due after it, however late we come to it.
            asked_at = min(now, request.body["received_at"])
            if head_of(value).due <= asked_at:
                self._fire_due(batch, key, now, asked_at)
                value = batch.store.open.get(key)
            if value is not None:
                case = self._cases.decode(case_id, value)
                context = self._context(case)
                if context is None:
                    raise rejection.recipe_gone(case)
        decision = decide(case, request, now, context) if context else unknown_case(request, now)
        self._account.outcomes[_outcome(decision)] += 1
        batch.out += self._outbox.messages(case_id, decision, now, context=context, headers=record.headers)
        if context:
            self._count_slips(decision, context)
        if decision.case is not case:
            self._keep(batch, key, decision, next_due(case) if case else None)

    def _fire_due(self, batch: Batch, key: bytes, now: int, until: int) -> None:
        value = batch.store.open.get(key)
        if value is None:
            closed = batch.store.closed(key)
            if closed is not None:
                self._erase_closed(batch, key, closed, now)
            return
        case: Case | None = self._cases.decode(text_of(key), value)
        context = self._context(case) if case else None
        if context is None:
            batch.store.postpone(key, now + _HOUR)
            return
        try:
            self._fire_all(batch, key, case, context, now, until)
        except Rejected:
            # Its submission cannot be read here, as after a recipe was changed without a new version.
            batch.store.postpone(key, now + _HOUR)

    def _fire_all(self, batch: Batch, key: bytes, case: Case | None, context: Context, now: int, until: int) -> None:
        while case is not None and (due := next_due(case)) <= until:
            timer = next(timer for timer in case["timers"] if timer["at"] == due)
            decision = decide(case, Request(TIMER_FIRED, dict(timer)), now, context)
            self._account.outcomes[Outcome.TIMER] += 1
            batch.out += self._outbox.messages(case["case_id"], decision, now, context=context)
            self._count_slips(decision, context)
            if not decision.events:
                # A duty that cannot be done must not hold up the others.
                case = {**case, "timers": [other for other in case["timers"] if other is not timer]}
                decision = Decision([], [], case)
            self._keep(batch, key, decision)
            case = decision.case

    def _erase_closed(self, batch: Batch, key: bytes, closed: Closed, now: int) -> None:
        case_id = text_of(key)
        decision = Decision([erased(case_id, closed.version + 1, now)], [], None)
        batch.out += self._outbox.messages(case_id, decision, now)
        self._account.outcomes[Outcome.TIMER] += 1
        self._keep(batch, key, decision)

    def _keep(self, batch: Batch, key: bytes, decision: Decision, known_due: int | None = None) -> None:
        case = decision.case
        if case is None:
            if decision.events and decision.events[-1].kind != "CommandRefused":
                batch.erase(key)
            return
        batch.put(key, case["case_id"], self._cases.encode(case, decision.way), known_due)

    def _count_slips(self, decision: Decision, context: Context, received_at: int = 0) -> None:
        slips = self._account.slips
        town, recipe = context.plan.town.municipality, context.plan.recipe.recipe
        for letter in decision.letters:
            if isinstance(letter, Slip):
                slips[Place(town, letter.to, recipe, letter.station)].append(received_at)

    def _read(self, raw: bytes) -> dict[str, Any]:
        return self._codec.decode(raw)[1]

    def _context_of(self, recipe: Recipe, body: dict[str, Any]) -> Context:
        name = (body["recipe"], body["recipe_version"], body["municipality"])
        if (recipe.recipe, recipe.version) != name[:2] or recipe.service != body["service"]:
            raise rejection.other_service(recipe)
        context = self._contexts.get(name)
        if context is not None and context.plan.recipe is recipe:
            return context
        if name[2] not in self._book.municipalities:
            raise rejection.unknown_municipality()
        return self._made(name, recipe)

    def _context(self, case: Case) -> Context | None:
        name = (case["recipe"], case["recipe_version"], case["municipality"])
        context = self._contexts.get(name)
        if context is not None:
            return context
        recipe = self._book.versions.get(name[:2])
        return self._made(name, recipe) if recipe and name[2] in self._book.municipalities else None

    def _made(self, name: tuple[str, int, str], recipe: Recipe) -> Context:
        plan: Plan = plan_of(recipe, self._book.municipalities[name[2]])
        context = self._contexts[name] = Context(plan, self._read)
        return context


def _key(record: Stored, body: dict[str, Any]) -> bytes:
    try:
        key = key_of(body["case_id"])
    except (KeyError, ValueError):
        raise rejection.no_case_id() from None
    if record.key != body["case_id"].encode():
        raise rejection.wrong_key()
    return key


def _in_memory(store: Store, key: bytes) -> bytes | None:
    """The case's record. A closed case that nobody recalled must not look like an unknown one."""
    value = store.open.get(key)
    if value is None and store.closed(key) is not None:
        raise LookupError("a closed case was not recalled before its request")
    return value


def _outcome(decision: Decision) -> Outcome:
    if not decision.events:
        return Outcome.REPEAT
    return Outcome.REFUSED if decision.events[0].kind == "CommandRefused" else Outcome.COMMAND
