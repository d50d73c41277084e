"""What the card of a takeaway asks: what one role should take from the trial."""

from trialdeck.records.model import Audience, Takeaway, Trial
from trialdeck.records.retirement import current

_ROLES = {
    Audience.STUDENT: "a student",
    Audience.RESIDENT: "a resident",
    Audience.FELLOW: "a fellow",
    Audience.ATTENDING: "an attending",
    Audience.METHODOLOGIST: "a methodologist",
    Audience.PEER_REVIEWER: "a peer reviewer",
    Audience.GUIDELINE_COMMITTEE: "a guideline committee",
}


def takeaway_front(trial: Trial, takeaway: Takeaway, name: str) -> str:
    """Return the front's HTML; of several takeaways for the same readers it says which one is asked for.

    `name` is the name of the trial as HTML. Those that are not retired do not count the retired ones.
    """
    among = trial.takeaways if takeaway.retired else current(trial.takeaways)
    readers = (takeaway.audience, takeaway.specialties)
    like = [other for other in among if (other.audience, other.specialties) == readers]
    roles = " or ".join(_ROLES[role] for role in takeaway.audience) or "a reader"
    place = f" ({like.index(takeaway) + 1} of {len(like)})" if len(like) > 1 else ""
    return f"<p>What should {roles} take away from {name}?{place}</p>"
