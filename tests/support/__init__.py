"""What several test folders share: building runs on a test database, and records of runs that never happened."""
