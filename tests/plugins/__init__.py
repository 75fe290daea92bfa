"""Fixtures that several layers of tests share, one module a subject."""
