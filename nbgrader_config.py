"""nbgrader's configuration of this course: `nbgrader ...` and formgrader read it from here."""

from pathlib import Path

from autograder import record

c = get_config()  # noqa: F821 - given by traitlets

c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = "cs203"
# nbgrader's sources are built from the text in source/: see docs/architecture.md.
c.CourseDirectory.source_directory = "build/source"
c.CourseDirectory.solution_directory = "solutions"

c.ClearSolutions.code_stub = {"python": "# Your code here\npass"}
c.ClearSolutions.text_stub = "*Write your answer here.*"

# Kernels that execute solutions talk over files, not over the network.
c.KernelManager.transport = "ipc"

# Student code runs in the lab's sandbox; marks come from verdicts, never from outputs.
c.Autograde.exporter_class = record.SubmissionExporter
c.Autograde.pre_convert_hook = record.find_renamed_notebooks
c.Autograde.sanitize_preprocessors = []
c.Autograde.autograde_preprocessors = record.PREPROCESSORS
# Seconds, wall clock; see autograder/limits.py.
c.GradeNotebook.limits = {}
