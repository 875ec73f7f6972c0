"""Train the cross-encoder: `python -m tutor.grading.train`. Needs the extra `train` (PyTorch and onnx)."""
