"""Operations of policies."""
