"""Results as SVG drawings.

Every number is printed with the digits that were published. A drawing says nothing that the record does not: no side of
the line of no effect is called better, and nothing is pooled.
"""
