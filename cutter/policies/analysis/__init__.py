"""What a set of policies allows, decided exactly: findings, proofs, differences, explanations, tables, mutants. Pure.

The way of the data: `Selection` → `Space` (finite classes of every field, and what each does to every rule) → a search
over classes → regions with a witness each. Where a search would visit too much, `TooLarge` is raised: never a wrong
answer.
"""
