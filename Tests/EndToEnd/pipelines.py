"""The pipelines of docs/pipelines as modules, for tests that run them."""

import importlib.util
import sys

from server_process import ROOT

HOME = ROOT / "docs" / "pipelines"
sys.path.insert(0, str(HOME))

from local_cloud import (  # noqa: E402
    LocalCloud, has_terraform, terraform_environment, wait_until)

__all__ = [
    "HOME", "LocalCloud", "has_terraform", "load", "terraform_environment", "wait_until"]


def load(name):
    """The `run.py` of a pipeline."""
    specification = importlib.util.spec_from_file_location(
        "pipeline_" + name.replace("-", "_"), HOME / name / "run.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module
