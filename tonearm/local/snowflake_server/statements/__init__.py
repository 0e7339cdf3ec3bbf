"""Statements the server carries out itself: accounts, objects, tasks, integrations."""
