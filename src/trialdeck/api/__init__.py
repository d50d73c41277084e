"""The public API, by theme; `trialdeck` itself gives all its names.

The examples run in a folder that has the project of trialdeck itself, with its `seeds` and `decks`.
"""
