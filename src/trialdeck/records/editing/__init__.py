"""Edit a record value by value: each change says what it expects to find, so that two authors never overwrite."""
