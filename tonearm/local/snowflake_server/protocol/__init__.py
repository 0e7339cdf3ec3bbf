"""The connector's HTTP protocol: login, queries, results, errors."""
