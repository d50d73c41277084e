"""The windows of the add-on, one module each."""
