ROLLBACK TO SAVEPOINT cutter_snapshot;
RELEASE SAVEPOINT cutter_snapshot
