"""Forms made from schemas, in plain words."""
