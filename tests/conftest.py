"""What every test may use: the plugins are listed here and written under `tests/plugins/`."""

pytest_plugins = [
    "tests.plugins.surroundings",
    "tests.plugins.postgres",
    "tests.plugins.proofs",
    "tests.plugins.office",
    "tests.plugins.keys",
    "tests.plugins.live",
    "tests.plugins.clinic",
]
