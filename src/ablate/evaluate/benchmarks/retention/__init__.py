"""General abilities: what a student could do before."""
