"""A run for continuous integration: as annotations and a summary of GitHub, as JUnit XML, as Markdown."""
