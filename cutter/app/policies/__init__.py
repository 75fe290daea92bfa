"""The use cases about policies: what there is, what is wrong with it, what it decides and why. No database.

Rules kept here: a command takes its use case from its module, so that only what it needs is loaded; none loads the
database driver, but `consent`, which is loaded when it is asked for.
"""
