"""Operations on custody: backups."""
