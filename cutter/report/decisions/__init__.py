"""Questions that policies have put to people, and notifications: what commands answer with, and its screens."""
