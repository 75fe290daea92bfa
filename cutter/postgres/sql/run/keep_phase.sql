RELEASE SAVEPOINT cutter_phase;
