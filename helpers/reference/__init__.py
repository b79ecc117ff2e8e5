"""Reference implementations of the graded work and of the challenges; instructors only."""
