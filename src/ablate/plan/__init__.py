"""Before GPU hours are spent: how many items, answers and seeds a study takes."""
