"""The problems of one record, each with the path of the value that it is about, and changes that mend it."""
