"""Publication nodes: small areas, combined with neighbours where too few people live.

The choice rests on public populations and public shapes alone, so it tells nothing about any person.
"""

from collections.abc import Mapping, Sequence

from pumphandle.vocabulary.errors import BadDescription


def combine(
    population: Mapping[str, int | None],
    neighbours: Mapping[str, Sequence[str]],
    district: Mapping[str, str],
    *,
    floor: int,
) -> dict[str, str]:
    """Small area -> node, each node inside one district and, where its district allows, of at least `floor` people.

    population : residents by small area; None (not known) counts as none
    neighbours : small areas that share a border or, failing that, lie nearest
    district   : the one district of each small area
    floor      : persons

    A node bears the code of its most populous member. The order of the input does not matter: the least
    populous node joins first, and joins its least populous neighbour, ties broken by code. Raises
    BadDescription for an area without a district.
    """
    homeless = sorted(set(population) - set(district))
    if homeless:
        raise BadDescription(
            f"Small area {homeless[0]} lies in no district. Give it a parent in the nation's description."
        )
    people = {area: population[area] or 0 for area in population}
    members = {area: [area] for area in population}
    node_of = {area: area for area in population}
    total = dict(people)
    small = {node for node, count in total.items() if count < floor}
    while small:
        node = min(small, key=lambda code: (total[code], code))
        small.remove(node)
        partner = _partner(node, members, node_of, neighbours=neighbours, district=district, total=total)
        if partner is None:
            continue  # the whole district is below the floor: it stays one node
        joined = members.pop(node) + members.pop(partner)
        head = min(joined, key=lambda area: (-people[area], area))
        members[head] = joined
        total[head] = total.pop(node) + total.pop(partner)
        for area in joined:
            node_of[area] = head
        small.discard(partner)
        if total[head] < floor:
            small.add(head)
    return node_of


def _partner(
    node: str,
    members: Mapping[str, Sequence[str]],
    node_of: Mapping[str, str],
    *,
    neighbours: Mapping[str, Sequence[str]],
    district: Mapping[str, str],
    total: Mapping[str, int],
) -> str | None:
    """The least populous node of the same district that touches this one; failing that, any of the district."""
    home = district[members[node][0]]
    touching = {node_of[other] for area in members[node] for other in neighbours.get(area, ()) if other in node_of}
    here = {other for other in touching if other != node and district[members[other][0]] == home}
    if not here:
        here = {other for other in members if other != node and district[members[other][0]] == home}
    return min(here, key=lambda code: (total[code], code), default=None)
