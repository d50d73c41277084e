"""The stages, composed: what a command does, without the terminal."""
