"""Hidden items, one module a part. They add themselves to the questions of `helpers.checks`."""
