"""The project package and the read side: models, queries, pages, API, admin."""
