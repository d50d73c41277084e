"""Fuzzing, guided by coverage: what reads the bytes of strangers is given bytes that nobody has thought of."""
