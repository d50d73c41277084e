"""Anki packages (`.apkg`, `.colpkg`): write them, and read what any program has written."""
