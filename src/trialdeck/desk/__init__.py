"""The desk: records, cards and releases in a browser, on the author's own machine."""
