"""Operations on source documents: which text is meant."""
