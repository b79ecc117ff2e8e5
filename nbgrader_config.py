"""nbgrader's configuration of this course: `nbgrader ...` and formgrader read it from here."""

import warnings
from pathlib import Path

from sqlalchemy.exc import SAWarning

from autograder import record

# nbgrader 0.9 makes objects before it adds them to the session; SQLAlchemy 2.1 remarks on it.
warnings.filterwarnings("ignore", message="Object of type <Submitted", category=SAWarning)

c = get_config()  # noqa: F821 - given by traitlets

c.CourseDirectory.root = str(Path(__file__).resolve().parent)
c.CourseDirectory.course_id = "cs203"
# nbgrader's sources are built from the text in source/: see docs/architecture.md.
c.CourseDirectory.source_directory = "build/source"
c.CourseDirectory.solution_directory = "solutions"

c.ClearSolutions.code_stub = {"python": "# Your code here\npass"}
c.ClearSolutions.text_stub = "*Write your answer here.*"

# Kernels that execute solutions warn that they listen on loopback; here that is meant.
c.Execute.extra_arguments = ["--log-level=ERROR"]

# Student code runs in the lab's sandbox; marks come from verdicts, never from outputs.
c.Autograde.exporter_class = record.SubmissionExporter
c.Autograde.pre_convert_hook = record.before_convert
c.Autograde.post_convert_hook = record.after_convert
c.Autograde.sanitize_preprocessors = []
c.Autograde.autograde_preprocessors = record.PREPROCESSORS
# Pages that can be opened, whatever a notebook shows.
c.HTMLExporter.preprocessors = ["autograder.feedback.FitFeedback"]
# What a submission may use, as {"cell_seconds": 120}; names and defaults: autograder/limits.py.
c.GradeNotebook.limits = {}
