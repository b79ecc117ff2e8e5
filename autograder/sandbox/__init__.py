"""Where student code runs: a process that runs cells, answers items, and forks.

`kernel` is the inside, `client` the grader's end, `channel` what they share. The inside
imports nothing of the grader but this package, so that walls can be put around it.
"""
