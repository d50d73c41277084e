"""The windows of the add-on, inside Anki's own program: the only place that knows Qt and `aqt`."""
