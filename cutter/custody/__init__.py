"""Adapters for what cutter keeps outside the database: files, source texts, backups, keys and approvals."""
