"""What no card asks is on the page of its trial."""

from conftest import RECORD
from trialdeck.records.load import load_record_text
from trialdeck.site.trial_page import Neighbours, trial_page


def test_a_page_shows_what_is_for_reading() -> None:
    text = RECORD.replace("cards: [summary, key_findings, limitations]\n", "").replace("card: true, ", "")
    trial = load_record_text(
        text.replace("    unit: months\n", "    unit: months\n    card: false\n").encode(), "x"
    ).trial
    assert trial
    page = trial_page(trial, (), Neighbours(frozenset(), {}))
    sections = {section.slug: f"{section.text}{''.join(section.items)}" for section in page.sections}
    assert "Dawnol delayed relapse." in sections["summary"]
    assert "Follow-up was short." in sections["limitations"]
    assert "Start early." in "".join(str(point) for point in page.takeaways)
    (finding,) = page.findings
    assert "td-plot" in finding.picture
