"""Check a project again after its last build: what is known to be sound is not looked at twice."""

from trialdeck.pipeline.checking import Call, Checked, check_project, checked_before
from trialdeck.pipeline.index import Index
from trialdeck.pipeline.readings import Member, Readings
from trialdeck.records.problem import Severity


def checked_since(call: Call, readings: Readings, index: Index) -> Checked:
    """Check a project; where nothing changed that other records see, only the records that did.

    `index` is that of the last build.
    """
    places = (*call.files.records, *call.files.beside)
    known = {place.real: index.remembered(place) for place in places} if len(index.records) == len(places) else {}
    if any(known.values()):
        fresh = readings.read([place for place in places if known[place.real] is None])
        if all(_is_seen_as_before(member, index) for member in fresh):
            found = {**known, **{member.place.real: member for member in fresh}}
            asked, beside = ([found[each.real] for each in some] for some in (call.files.records, call.files.beside))
            return checked_before(call, [each for each in asked if each], [each for each in beside if each])
    return check_project(call, readings)


def _is_seen_as_before(member: Member, index: Index) -> bool:
    former = index.records.get(member.place.real)
    is_sound = all(problem.severity is not Severity.ERROR for problem in member.problems)
    return former is not None and is_sound and member.outline == former.outline
