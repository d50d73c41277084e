"""Registry files of ClinicalTrials.gov (API v2, JSON): every posted analysis becomes a result, or is listed."""
