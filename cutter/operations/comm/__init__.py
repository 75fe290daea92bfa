"""Operations that reach people: the only two writes of runs that a policy started."""
