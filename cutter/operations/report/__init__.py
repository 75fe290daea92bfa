"""Operations on reports on a run."""
