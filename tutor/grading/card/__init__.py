"""The grader card: what was measured of the grader that ships, made by `python -m tutor.grading.card`."""
