"""Checks that a recorded history of concurrent operations is strictly serializable.

An item's state is a list to which writers append values of their own, each used once in the whole
history. So whoever sees an item's list, or its last value, tells which version it saw and what came
before it: the order of versions can be read off and needs no search. The rest is a graph, as in
Elle: an edge from each operation to those that must come after it, because they overwrote or read
what it wrote, overwrote what it read, or began after it ended. The history is strictly
serializable exactly if the versions of each item form one chain and the graph has no cycle. For
operations on one item that is linearizability.

    operation = Operation(invoked=1, completed=2, reads={"x": ["a"]}, appends={"x": "b"})
    check([operation, …])          # raises Anomaly
"""

from dataclasses import dataclass, field
from itertools import count

START = "(start)"
DELETED = "(deleted)"
_numbers = count(1)


class Anomaly(Exception):
    """The history cannot have come from an atomic, serial store; the text says why."""


class Last:
    """A read that told only the last value of the list (a condition on it held)."""

    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return f"…{self.value}"


@dataclass(eq=False)
class Operation:
    """One operation, with all that it did at one moment between two times.

    - invoked, completed: when it was sent, and when its answer came or its server was known dead.
    - reads: item -> what it saw before its own write: the list, a `Last`, or None where the item
      was deleted.
    - appends: item -> the value that it appended.
    - deletes: the items that it deleted, for good. Only one operation may try to delete an item
      (others only after it was refused), and what it read must be a list that somebody saw.
    - failed: it was answered that nothing was written; what it read still holds.
    - answered: otherwise it may have been done or not, and what it read holds if it was.
    """

    invoked: float
    completed: float
    reads: dict = field(default_factory=dict)
    appends: dict = field(default_factory=dict)
    deletes: frozenset = frozenset()
    failed: bool = False
    answered: bool = True
    name: str = ""

    def __post_init__(self):
        self.number = next(_numbers)

    def __repr__(self):
        what = []
        for item, seen in self.reads.items():
            what.append(f"{item} was {seen if not isinstance(seen, list) else seen[-4:]}")
        what += [f"{item} += {value}" for item, value in self.appends.items()]
        what += [f"{item} deleted" for item in self.deletes]
        told = " refused" if self.failed else "" if self.answered else " unanswered"
        return (f"#{self.number} {self.name} [{self.invoked:.6f}–{self.completed:.6f}]{told}: "
                + ", ".join(what))

    def written(self):
        """(item, version) of each write."""
        yield from self.appends.items()
        for item in self.deletes:
            yield item, DELETED


def version_of(seen):
    """Which version a read saw."""
    if seen is None:
        return DELETED
    if isinstance(seen, Last):
        return START if seen.value is None else seen.value
    return seen[-1] if seen else START


def check(operations):
    """Raises an Anomaly unless the history is strictly serializable.

    The history must end with a read of every item, so that a lost write shows.
    """
    done = _effective(operations)
    chains = {item: _chain(item, links, done) for item, links in _links(done).items()}
    _check_writes(operations, done, chains)
    _check_cycles(done, _dependencies(done, chains))


def _effective(operations):
    """The operations that happened: what was answered, and what was not but has been seen.

    What an unanswered operation read becomes evidence once it is known to have happened.
    """
    writers = {}
    for operation in operations:
        if not operation.answered:
            for write in operation.written():
                writers.setdefault(write, operation)
    happened = [operation for operation in operations if operation.answered]
    known = set(happened)
    for operation in happened:  # grows on the way
        for item, seen in operation.reads.items():
            for version in [version_of(seen), *(seen if isinstance(seen, list) else ())]:
                writer = writers.get((item, version))
                if writer is not None and writer not in known:
                    known.add(writer)
                    happened.append(writer)
    return happened


def _links(operations):
    """Item -> {version: the version right after it}, from lists seen and writes on what was read."""
    links = {}

    def link(item, before, after, operation):
        follower = links.setdefault(item, {}).setdefault(before, (after, operation))
        if follower[0] != after:
            raise Anomaly(
                f"two versions of {item} follow {before}: {follower[0]} and {after}\n"
                f"  {follower[1]}\n  {operation}")

    for operation in operations:
        for item, seen in operation.reads.items():
            links.setdefault(item, {})
            if isinstance(seen, list):
                if len(set(seen)) != len(seen):
                    raise Anomaly(f"a value is twice in {item}: {seen}\n  {operation}")
                for before, after in zip([START, *seen], seen):
                    link(item, before, after, operation)
        if operation.failed:
            continue
        for item, version in operation.written():
            links.setdefault(item, {})
            if item in operation.reads:
                link(item, version_of(operation.reads[item]), version, operation)
    return links


def _chain(item, links, operations):
    """All versions of an item in order; every link must be on the way from the start."""
    chain, position = [START], {START: 0}
    while chain[-1] in links:
        after = links[chain[-1]][0]
        if after in position:
            raise Anomaly(f"the versions of {item} go round: {chain} then {after}")
        position[after] = len(chain)
        chain.append(after)
    stray = [before for before in links if before not in position]
    if stray:
        raise Anomaly(
            f"{item} had a version {stray[0]} that no later version came from\n"
            f"  {links[stray[0]][1]}")
    return position


def _check_writes(operations, done, chains):
    """Every write that was done is in its item's chain, whole, and no other is."""
    writers = {}
    for operation in operations:
        for write in operation.written():
            if write in writers and not (operation.failed or writers[write].failed):
                raise Anomaly(f"{write} was written twice\n  {writers[write]}\n  {operation}")
            if write not in writers or writers[write].failed:
                writers[write] = operation
    for item, position in chains.items():
        for version in position:
            if version == START:
                continue
            writer = writers.get((item, version))
            if writer is None:
                raise Anomaly(f"{item} had a version {version} that nobody wrote")
            if writer.failed:
                raise Anomaly(f"{item} had a version of a refused operation\n  {writer}")
    for operation in done:
        if operation.failed:
            continue
        absent = [w for w in operation.written() if w[1] not in chains.get(w[0], {})]
        if not absent:
            continue
        if len(absent) < len(list(operation.written())):
            raise Anomaly(f"half of a transaction: {absent} is missing\n  {operation}")
        raise Anomaly(f"an acknowledged write is lost: {absent}\n  {operation}")


def _dependencies(done, chains):
    """Operation -> [(operation after it, why)], by versions alone."""
    writers, readers = {}, {}
    for operation in done:
        if not operation.failed:
            for write in operation.written():
                writers[write] = operation
        for item, seen in operation.reads.items():
            version = version_of(seen)
            if version not in chains.get(item, {}):
                raise Anomaly(f"{item} had a version {version} that is not there\n  {operation}")
            readers.setdefault((item, version), []).append(operation)
    edges = {operation: [] for operation in done}

    def edge(before, after, why):
        if before is not None and after is not None and before is not after:
            edges[before].append((after, why))

    for item, position in chains.items():
        versions = list(position)
        for version, after in zip(versions, [*versions[1:], None]):
            writer = writers.get((item, version))
            follower = writers.get((item, after)) if after is not None else None
            edge(writer, follower, f"{item}: {after} after {version}")
            for reader in readers.get((item, version), []):
                edge(writer, reader, f"{item}: {version} was read")
                edge(reader, follower, f"{item}: {version} was read before {after}")
    return edges


def _check_cycles(done, edges):
    """Looks for a cycle of dependencies and real time.

    Real time is a chain of moments: an operation leads to the moment of its end, and the latest
    moment before its beginning leads to it. That is all pairs, in as many edges as operations.
    """
    nodes = {operation: list(after) for operation, after in edges.items()}
    endings = sorted(done, key=lambda o: o.completed)
    beginnings = sorted(done, key=lambda o: o.invoked)
    moments = [("moment", place) for place in range(len(endings))]
    for place, operation in enumerate(endings):
        nodes[moments[place]] = [(moments[place + 1], None)] if place + 1 < len(endings) else []
        nodes[operation].append((moments[place], "ended"))
    place = 0
    for operation in beginnings:
        while place < len(endings) and endings[place].completed < operation.invoked:
            place += 1
        if place:
            nodes[moments[place - 1]].append((operation, "began after"))
    knots = _knots(nodes)
    if knots:
        raise Anomaly(_story(_short_cycle(nodes, knots)))


def _knots(nodes):
    """The nodes that lie on cycles or between them; none where there is a serial order.

    What has nothing before it is taken away, again and again, then what has nothing after it.
    """
    backwards = {node: [] for node in nodes}
    for node, edges in nodes.items():
        for after, _ in edges:
            backwards[after].append(node)
    forwards = {node: [after for after, _ in edges] for node, edges in nodes.items()}
    left = _strip(set(nodes), forwards)
    return _strip(left, backwards)


def _strip(left, following):
    """Takes from a set what no other member leads to, until every member is led to."""
    before = dict.fromkeys(left, 0)
    for node in left:
        for after in following[node]:
            if after in before:
                before[after] += 1
    free = [node for node, number in before.items() if not number]
    while free:
        node = free.pop()
        del before[node]
        for after in following[node]:
            if after in before:
                before[after] -= 1
                if not before[after]:
                    free.append(after)
    return set(before)


def _short_cycle(nodes, knots, tries=100):
    """A short cycle among the knots, as [(node, why the next comes after)]."""
    starts = sorted(
        (n for n in knots if isinstance(n, Operation)), key=lambda o: o.invoked)[:tries]
    cycles = [cycle for start in starts if (cycle := _cycle_from(start, nodes, knots))]
    return min(cycles, key=len, default=[])


def _cycle_from(start, nodes, knots):
    """The shortest way from a node back to it; None where there is none."""
    came_from, frontier = {start: None}, [start]
    while frontier:
        following = []
        for node in frontier:
            for after, why in nodes[node]:
                if after is start:
                    cycle = [(node, why)]
                    while came_from[cycle[0][0]] is not None:
                        cycle.insert(0, came_from[cycle[0][0]])
                    return cycle
                if after in knots and after not in came_from:
                    came_from[after] = (node, why)
                    following.append(after)
        frontier = following
    return None


def _story(cycle):
    lines = ["no serial order is possible:"]
    for node, why in cycle:
        if isinstance(node, Operation):
            lines.append(f"  {node}")
            if why not in (None, "ended"):
                lines.append(f"    then, since {why},")
        elif why == "began after":
            lines.append("    then, since it began later,")
    return "\n".join(lines)
