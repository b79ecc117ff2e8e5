"""Execute the solutions, so that TAs read them with their outputs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, as_completed
from copy import deepcopy
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.preprocessors import CoalesceStreamsPreprocessor

from .course import Course, CourseError
from .gradebook import demand, nbgrader_api
from .notebook_files import METADATA, dumps, write_whole
from .results import digest

# Outputs must not depend on the number of cores, on hashing, or on a terminal.
_STEADY = {
    "PYTHONHASHSEED": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TQDM_DISABLE": "1",
    "JUPYTER_PLATFORM_DIRS": "1",
}


def generate_solutions(
    course: Course, assignment: str, sources: dict[str, str], say: Callable[[str], None]
) -> dict[str, str]:
    """Execute every source notebook with nbgrader's solution converter, two at a time.

    An executed notebook is kept under the hash of all it depends on, so that a second build
    has nothing to do.

    Parameters
    ----------
    course : Course
    assignment : str
    sources : dict of str to str
        The source notebooks' texts by part; nbgrader reads them from build/source.
    say : callable
        Told which part is done.

    Returns
    -------
    dict of str to str
        The executed notebooks' texts by part.

    Raises
    ------
    CourseError
        If a solution raises.
    """
    kept = course.build / "solutions-cache"
    paths = {
        name: kept / f"{name}-{_solution_key(course, sources[name])}.ipynb" for name in sources
    }
    todo = [name for name, path in paths.items() if not path.is_file()]
    kept.mkdir(parents=True, exist_ok=True)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        jobs = {pool.submit(_execute, course, assignment, name): name for name in todo}
        try:
            for job in as_completed(jobs):
                name = jobs[job]
                write_whole(paths[name], job.result())
                say(f"solution {name}")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return {name: path.read_text(encoding="utf-8") for name, path in paths.items()}


def _solution_key(course: Course, source: str) -> str:
    files = sorted(course.root.glob("helpers/**/*.py"))
    files += sorted(course.root.glob("autograder/checks/*.py"))
    here = Path(__file__)
    files += [course.root / "constraints.txt", here, here.with_name("notebook_files.py")]
    return hashlib.sha256((source + digest(files)).encode()).hexdigest()[:16]


def _execute(course: Course, assignment: str, name: str) -> str:
    """Run one source notebook (in a worker process); return it with its outputs."""
    from nbgrader.converters import GenerateSolution

    os.environ.update(_STEADY)
    api = nbgrader_api(course, solution_directory="build/solutions")
    api.coursedir.assignment_id = assignment
    api.coursedir.notebook_id = name
    converter = GenerateSolution(coursedir=api.coursedir, parent=api)
    converter.force = True
    from nbgrader.apps.api import capture_log

    demand(capture_log(converter), f"executing the solution of {name}")
    path = course.build / "solutions" / assignment / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    _demand_no_errors(notebook, name)
    return dumps(_settled(notebook))


def _demand_no_errors(notebook: Any, name: str) -> None:
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.output_type == "error":
                raise CourseError(f"{name}: solution cell {cell.id!r} raises {output.ename}")


def _settled(notebook: Any) -> Any:
    """Drop what differs between two runs: times, the Python version, how a stream was cut up."""
    notebook.metadata = deepcopy(METADATA)
    notebook, _ = CoalesceStreamsPreprocessor().preprocess(notebook, {})
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    return notebook
