"""Many feeds in; one deduplicated, classified briefing out: Atom, web site and e-mail digest."""

__version__ = "0.1.0"
