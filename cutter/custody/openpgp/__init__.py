"""OpenPGP through the gpg program: one module runs it, the others say what for."""
