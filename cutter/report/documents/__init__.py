"""Documents on screens and in JSON: cuts, units, doubts, quotations, comparisons, profiles. Pure functions to lines."""
