"""Workers that share the tasks of a build."""
