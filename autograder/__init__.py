"""Builds, releases and grades the lab. For instructors; never shipped to students."""
