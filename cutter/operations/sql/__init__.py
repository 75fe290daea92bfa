"""Operations on tables that are not cutter's, by statements of the pipeline file."""
