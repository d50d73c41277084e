"""Records as spreadsheets, and spreadsheets back into records."""
