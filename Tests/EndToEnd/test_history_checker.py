"""The checker of histories finds what is wrong, and only that: by hand, and against brute force."""

import itertools
import random

import pytest

from history_checker import Anomaly, Last, Operation, check

# What was not answered is done by then, or never.
LAST_MOMENT = 99


def op(invoked, completed, reads=None, appends=None, deletes=(), failed=False):
    """An operation; one without an end was not answered."""
    return Operation(
        invoked, LAST_MOMENT if completed is None else completed, reads or {}, appends or {},
        frozenset(deletes), failed, answered=completed is not None)


def final(*states, at=100):
    """One read per item at the end: ("x", ["a"])."""
    return [op(at + n, at + n + 0.5, reads={item: seen}) for n, (item, seen) in enumerate(states)]


GOOD = {
    "nothing": [],
    "writes one after another": [
        op(1, 2, appends={"x": "a"}), op(3, 4, appends={"x": "b"}), *final(("x", ["a", "b"]))],
    "overlapping writes in either order": [
        op(1, 4, appends={"x": "a"}), op(2, 3, appends={"x": "b"}), *final(("x", ["b", "a"]))],
    "a read during a write sees the old or the new": [
        op(1, 9, appends={"x": "a"}), op(2, 3, reads={"x": []}), op(4, 5, reads={"x": ["a"]}),
        *final(("x", ["a"]))],
    "a write without an answer that was done": [
        op(1, None, appends={"x": "a", "y": "b"}), op(5, 6, reads={"x": []}),
        *final(("x", ["a"]), ("y", ["b"]))],
    "a write without an answer that was not done": [
        op(1, None, appends={"x": "a", "y": "b"}), *final(("x", []), ("y", []))],
    "a transaction seen whole": [
        op(1, 4, appends={"x": "a", "y": "b"}), op(2, 5, reads={"x": ["a"], "y": ["b"]}),
        op(2, 3, reads={"x": [], "y": []}), *final(("x", ["a"]), ("y", ["b"]))],
    "a refusal that saw why": [
        op(1, 2, appends={"x": "a"}), op(3, 4, reads={"x": ["a"]}, appends={"x": "b"}, failed=True),
        *final(("x", ["a"]))],
    "a deletion": [
        op(1, 2, appends={"x": "a"}), op(3, 4, reads={"x": ["a"]}),
        op(5, 6, reads={"x": Last("a")}, deletes={"x"}), *final(("x", None))],
    "a deletion without an answer that was done": [
        op(1, 2, appends={"x": "a"}), op(3, 4, reads={"x": ["a"]}),
        op(5, None, reads={"x": Last("a")}, deletes={"x"}), *final(("x", None))],
}

BAD = {
    "a lost write": ("lost", [op(1, 2, appends={"x": "a"}), *final(("x", []))]),
    "a lost update": ("two versions of x follow", [
        op(1, 2, appends={"x": "a"}),
        op(3, 6, reads={"x": ["a"]}, appends={"x": "b"}),
        op(4, 5, reads={"x": ["a"]}, appends={"x": "c"}), *final(("x", ["a", "c"]))]),
    "a stale read": ("no serial order", [
        op(1, 2, appends={"x": "a"}), op(3, 4, reads={"x": []}), *final(("x", ["a"]))]),
    "time runs backwards between two readers": ("no serial order", [
        op(1, 9, appends={"x": "a"}), op(2, 3, reads={"x": ["a"]}), op(4, 5, reads={"x": []}),
        *final(("x", ["a"]))]),
    "half a transaction": ("half of a transaction", [
        op(1, 2, appends={"x": "a", "y": "b"}), *final(("x", ["a"]), ("y", []))]),
    "half a transaction without an answer": ("half of a transaction", [
        op(1, None, appends={"x": "a", "y": "b"}), *final(("x", ["a"]), ("y", []))]),
    "half a transaction seen": ("no serial order", [
        op(1, 9, appends={"x": "a", "y": "b"}), op(2, 8, reads={"x": ["a"], "y": []}),
        *final(("x", ["a"]), ("y", ["b"]))]),
    "two transactions in two orders": ("no serial order", [
        op(1, 9, appends={"x": "a", "y": "b"}), op(1, 9, appends={"x": "c", "y": "d"}),
        *final(("x", ["a", "c"]), ("y", ["d", "b"]))]),
    "write skew": ("no serial order", [
        op(1, 9, reads={"x": [], "y": []}, appends={"x": "a"}),
        op(1, 9, reads={"x": [], "y": []}, appends={"y": "b"}),
        *final(("x", ["a"]), ("y", ["b"]))]),
    "readers disagree on the order of two writes": ("no serial order", [
        op(1, 9, appends={"x": "a"}), op(1, 9, appends={"y": "b"}),
        op(2, 8, reads={"x": ["a"], "y": []}), op(2, 8, reads={"x": [], "y": ["b"]}),
        *final(("x", ["a"]), ("y", ["b"]))]),
    "real time across two items": ("no serial order", [
        op(1, 2, appends={"x": "a"}), op(3, 4, appends={"y": "b"}),
        op(0, 9, reads={"x": [], "y": ["b"]}), *final(("x", ["a"]), ("y", ["b"]))]),
    "a refused write that was done": ("refused", [
        op(1, 2, appends={"x": "a"}, failed=True), *final(("x", ["a"]))]),
    "a refusal for a reason that never was": ("no serial order", [
        op(1, 2, appends={"x": "a"}), op(3, 4, appends={"x": "b"}),
        op(5, 6, reads={"x": ["a"]}, appends={"x": "c"}, failed=True), *final(("x", ["a", "b"]))]),
    "a repetition that was done twice": ("twice", [
        op(1, 9, appends={"x": "a"}), *final(("x", ["a", "a"]))]),
    "a value from nowhere": ("nobody wrote", [*final(("x", ["a"]))]),
    "two histories of one item": ("two versions of x follow", [
        op(1, 9, appends={"x": "a"}), op(1, 9, appends={"x": "b"}),
        op(2, 8, reads={"x": ["a", "b"]}), *final(("x", ["b", "a"]))]),
    "a write after the deletion it began after": ("lost", [
        op(1, 2, reads={"x": []}, deletes={"x"}), op(3, 4, appends={"x": "a"}),
        *final(("x", None))]),
    "a deleted item comes back": ("no serial order", [
        op(1, 2, reads={"x": []}, deletes={"x"}), op(3, 4, reads={"x": []}), *final(("x", None))]),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_serial_history_passes(name):
    check(GOOD[name])


@pytest.mark.parametrize("name", BAD)
def test_a_wrong_history_is_found(name):
    reason, history = BAD[name]
    with pytest.raises(Anomaly) as found:
        check(history)
    assert reason in str(found.value)


# Against brute force.

ITEMS = ("x", "y")


def fits(operation, state):
    """Whether an operation could have its answer in a state."""
    for item, seen in operation.reads.items():
        now = state[item]
        if isinstance(seen, Last):
            if now is None or (now[-1] if now else None) != seen.value:
                return False
        elif now != seen:
            return False
    if operation.failed:
        return True
    return all(state[item] is not None for item, _ in operation.written())


def apply(operation, state):
    after = dict(state)
    if not operation.failed:
        for item, value in operation.appends.items():
            after[item] = [*after[item], value]
        for item in operation.deletes:
            after[item] = None
    return after


def can_be_serial(operations):
    """Tries every order that real time allows, with every choice of what was done unanswered."""
    answered = [o for o in operations if o.answered]
    unanswered = [o for o in operations if not o.answered]

    def search(left, state):
        if not left:
            return True
        for operation in left:
            if any(o.completed < operation.invoked for o in left):
                continue
            if fits(operation, state):
                if search([o for o in left if o is not operation], apply(operation, state)):
                    return True
        return False

    return any(
        search(answered + list(done), {item: [] for item in ITEMS})
        for size in range(len(unanswered) + 1)
        for done in itertools.combinations(unanswered, size))


def random_history(rng):
    """A history of a serial store, then perhaps with something changed in it."""
    state = {item: [] for item in ITEMS}
    history, deleted = [], set()
    for number in range(rng.randrange(2, 6)):
        reads, appends, deletes = {}, {}, set()
        items = [i for i in ITEMS if state[i] is not None and rng.random() < 0.7]
        for item in items:
            kind = rng.choice(["read", "append", "append", "both", "delete"])
            if kind == "delete" and item not in deleted and rng.random() < 0.4:
                deletes.add(item)
                deleted.add(item)
                reads[item] = list(state[item])
            elif kind in ("append", "both"):
                appends[item] = f"{item}{number}"
            if kind in ("read", "both"):
                if rng.random() < 0.3 and state[item]:
                    reads[item] = Last(state[item][-1])
                else:
                    reads[item] = list(state[item])
        # Half of them overlap their neighbours.
        width = rng.choice([0.2, 0.2, 1.5, 3])
        is_answered = rng.random() < 0.8
        failed = is_answered and rng.random() < 0.15 and not deletes
        operation = op(
            number - width * rng.random(), number + width * rng.random() if is_answered else None,
            reads, appends, deletes, failed)
        if is_answered or rng.random() < 0.5:
            state = apply(operation, state)
        elif deletes:
            deleted -= deletes
            operation.deletes = frozenset()
        history.append(operation)
    history += final(*state.items())
    if rng.random() < 0.6:
        spoil(rng, history)
    return history


def spoil(rng, history):
    """Changes a read, or when an operation was."""
    victim = rng.choice(history)
    lists = [item for item, seen in victim.reads.items() if isinstance(seen, list)]
    if lists and rng.random() < 0.7:
        item = rng.choice(lists)
        seen = victim.reads[item]
        others = [o.appends[item] for o in history if item in o.appends]
        change = rng.choice(["shorter", "longer", "swapped"])
        if change == "shorter" and seen:
            victim.reads[item] = seen[:-1]
        elif change == "longer" and others:
            value = rng.choice(others)
            if value not in seen:
                victim.reads[item] = [*seen, value]
        elif change == "swapped" and len(seen) > 1:
            victim.reads[item] = [*seen[:-2], seen[-1], seen[-2]]
    elif victim.completed < 50:
        shift = rng.uniform(-4, 4)
        victim.invoked += shift
        victim.completed += shift


def test_it_agrees_with_brute_force():
    seed = random.SystemRandom().randrange(2**32)
    rng = random.Random(seed)
    verdicts = {True: 0, False: 0}
    for number in range(4000):
        history = random_history(rng)
        expected = can_be_serial(history)
        try:
            check(history)
            found, why = True, "it passed"
        except Anomaly as anomaly:
            found, why = False, str(anomaly)
        told = "\n".join(map(repr, history))
        assert found == expected, f"seed {seed}, history {number}: {why}\n{told}"
        verdicts[expected] += 1
    assert min(verdicts.values()) > 300, verdicts
