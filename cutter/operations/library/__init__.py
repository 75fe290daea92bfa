"""Operations on the library: units of source documents."""
