"""Citations of publications: PubMed (.nbib, XML), RIS, CSL-JSON and BibTeX."""
