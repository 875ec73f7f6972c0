"""Which grader there is on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tutor.errors import GraderUnavailable
from tutor.grading.keyword_grader import KeywordGrader
from tutor.grading.resources import Resources, shipped
from tutor.grading.types import Grader

if TYPE_CHECKING:
    from tutor.grading.model_grader import ModelGrader

__all__ = ["GraderName", "KeywordGrader", "ModelGrader", "folder", "load_grader"]

GraderName = Literal["model", "keywords"]


def load_grader(name: str | None = None, threads: int = 2, files: Resources | None = None) -> Grader:
    """The grader asked for; without a name the model, or the keyword grader where the model cannot be loaded.

    The keyword grader says in the notes of every grade that it stands in, and why.
    Raises GraderUnavailable where the grader asked for, or both, cannot be loaded.
    """
    if name not in (None, "", "model", "keywords"):
        raise GraderUnavailable(f"There is no grader called {name!r}", "", "Use `model` or `keywords`.")
    if name == "keywords":
        return KeywordGrader(files)
    try:
        return _model(files, threads)
    except GraderUnavailable as error:
        if name == "model":
            raise
        return KeywordGrader(files, error.cause or error.title)


def folder() -> Path:
    """Where the files of the graders are."""
    return shipped().folder


def _model(files: Resources | None, threads: int) -> Grader:
    try:
        from tutor.grading.model_grader import ModelGrader
    except ImportError as error:  # numpy comes with onnxruntime, which has no package for every machine
        raise GraderUnavailable(
            "The grader model cannot be loaded",
            f"This machine lacks the package {error.name}.",
            "Grade with keywords: `--grader keywords`.",
        ) from error
    return ModelGrader(files, threads)


def __getattr__(name: str) -> Any:
    """`ModelGrader`, loaded with numpy only when it is asked for."""
    if name == "ModelGrader":
        from tutor.grading.model_grader import ModelGrader

        return ModelGrader
    raise AttributeError(name)
