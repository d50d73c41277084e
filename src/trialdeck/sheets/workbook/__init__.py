"""Workbooks (.xlsx), read and written with openpyxl, an extra: only `trialdeck.sheets.files` imports from here."""
