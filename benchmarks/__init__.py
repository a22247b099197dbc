"""How fast dynaopenai is beside the packages that do the same work. ``python -m benchmarks`` or ``make bench``."""
