"""The runtime: starting, sharing and ending everything."""
