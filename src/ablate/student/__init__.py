"""What training, scoring, measuring and preview all need of a student: loading, encoding, memory."""
