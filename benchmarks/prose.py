"""Words for made-up trials: no drug, disease or trial of this name exists, and nothing here is medicine."""

from random import Random

SYLLABLES = ("bre", "lu", "qui", "sta", "vor", "mel", "dan", "tro", "fen", "gal", "jun", "kel", "nor", "pim", "rua")
ENDINGS = ("mexil", "dorane", "quistol", "vantide", "lorphan", "zubrine")
DISEASES = ("lantern", "harbour", "marble", "thistle", "orchard", "copper", "meadow", "pebble", "willow", "ember")
FORMS = ("fever", "cough", "fatigue", "palsy")
ENDPOINTS = ("Relapse-free survival", "Time to recovery", "Event-free survival", "Freedom from attacks")
GROUPS = ("Adults", "Adults of 60 years and older", "Adolescents and adults", "Adults after one or two prior courses")
CONTROLS = ("Placebo", "Usual care", "Watchful waiting", "Placebo with rest")

# Each stands for a sentence of a record; the names in braces are the facts of a trial, and fresh numbers.
REPORTS = (
    "With {drug}, the median was {months} months and with {control} {fewer} months; {few} sites saw no difference.",
    "The rate of {disease} fell from {percent}% to {lower}% in {weeks} weeks, and stayed there with {drug}.",
    "In patients with {disease}, the benefit was similar in all {few} subgroups that the protocol had named.",
    "At {months} months, {percent}% of those who took {drug} were free of symptoms, against {lower}% with {control}.",
    "Attacks of grade ≥ 3 were rare: {lower} in the group on {drug}, and {few} in the other group.",
    "In {name}, recovery took {weeks} weeks at the median, which is **{few} weeks less** than with {control}.",
)
REASONS = (
    "The drug reaches the tissue within {few} hours, and its effect on {disease} lasts about {weeks} weeks.",
    "Like others of its kind, {drug} binds the *outer loop* of the receptor – {percent}% of it after {few} hours.",
    "Earlier work had shown that {control} alone changes little in {disease} after {weeks} weeks.",
    "Half of the dose is cleared in {few} days; at steady state $C = {lower} / (k \\cdot V)$ describes {drug} well.",
    "Both steps of the pathway must be blocked in {disease}: {drug} slows the first, and after {few} days the second.",
    "What the laboratory had promised was small, and {name} was planned to find a difference of {lower}% or more.",
)
CAUTIONS = (
    "Follow-up ended after {months} months, so that late effects of {drug} are not known.",
    "In {name}, {percent}% of the patients guessed their treatment by its taste, and so did those who cared for them.",
    "Of all sites, {few} contributed half of the patients; whether {name} speaks for other places is open.",
    "The comparison with {control} was fair when {name} began, but {months} months later practice has changed.",
    "Missing values, {lower}% of all, were filled in as if they were missing at random, which {name} could not check.",
    "The endpoint was read by {few} reviewers who did not know the treatment; they agreed in {percent}% of the cases.",
)
METHODS = (
    "Patients were assigned at random to {drug} or {control}, in blocks of up to {few}, by a list kept at one place.",
    "The sample size of {patients} gave a power of {percent}% to find a hazard ratio of 0.{lower}.",
    "All analyses were by intention to treat; the {lower} who crossed over stayed in the group of their assignment.",
    "Visits took place every {weeks} weeks in the first year of {name}, and every {months} weeks thereafter.",
    "An independent board looked at the data of {name} {few} times, with boundaries that spend the error over time.",
)
GAPS = (
    "In {name}, {drug} was given to {{{{c1::{patients}}}}} patients with {disease}.",
    "The median of {name} was {{{{c1::{months}}}}} months with {drug} and {{{{c2::{fewer}}}}} months with {control}.",
    "Patients of {name} were seen every {{{{c1::{weeks} weeks::how often}}}}, and {{{{c2::{percent}%}}}} came.",
    "The half-life of {drug} is {{{{c1::{few} days}}}}, as was known before {name}.",
)
ASKED = {
    "mechanism": (
        "How does {drug}, as it was given in {name}, act on {disease} at the site where the disease begins?",
        "Why was {drug} expected in {name} to work where {control} does not, and how soon?",
    ),
    "clinical": (
        "A patient with {disease} asks what {name} means for the next {months} months. What do you say?",
        "Which patients of the kind seen in {name} gain most from {drug}, and which should rather wait?",
        "In {name}, what was gained against {control}, and at which price in visits and unwanted effects?",
    ),
    "reviewer": (
        "Which weakness in the design of {name} matters most for reading its primary endpoint, and why?",
        "Does the interval that {name} reported for {drug} exclude a difference too small to matter?",
    ),
}
ADVICE = (
    "Offer {drug} to those who look like the patients of {name}, and tell them that {percent}% saw a benefit.",
    "Before you change practice, weigh the {few} extra visits that {name} asked for against the gain.",
    "Read the result of {name} together with its {months} months of follow-up; longer data are still to come.",
)


def made_up_name(index: int, random: Random) -> str:
    """Return the name of a trial, which its index makes the only one of its kind."""
    return f"{''.join(random.choices(SYLLABLES, k=2)).upper()}-{index + 1}"


def made_up_drug(random: Random) -> str:
    """Return the name of a drug."""
    return "".join(random.choices(SYLLABLES, k=2)) + random.choice(ENDINGS)


def numbers(random: Random) -> dict[str, int]:
    """Return fresh numbers for the braces of a sentence."""
    return {
        "months": random.randint(12, 48),
        "fewer": random.randint(5, 11),
        "weeks": random.randint(4, 26),
        "percent": random.randint(55, 95),
        "lower": random.randint(11, 49),
        "few": random.randint(2, 9),
        "patients": random.randint(120, 1900),
    }


def dice(name: str) -> Random:
    """Return a source of chance that a name decides, so that every run writes the same records."""
    return Random(name)  # noqa: S311 - nothing here is secret
