"""cutter: a runner for governed change in PostgreSQL. Importing it does nothing; `cutter.app` builds everything."""

__version__ = "0.1.0"
