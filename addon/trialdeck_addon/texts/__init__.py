"""The text of a field as a learner sees it: read out of the HTML, compared word by word, and put back into it."""
