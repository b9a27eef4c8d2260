"""A function in Swift: an executable `bootstrap` that speaks Lambda's Runtime API."""

import json
import subprocess
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent
sys.path.insert(0, str(HOME.parent))

from local_cloud import ACCOUNT, main, zip_directory  # noqa: E402

READINGS = [
    {"sensor": "roof", "celsius": [10, 20, 30]},
    {"sensor": "cellar", "celsius": []},
    {"sensor": "nobody's"},
]


def pipeline(cloud):
    """Builds the executable, makes a function of it and invokes that."""
    code = cloud.directory / "swift"
    subprocess.run([HOME / "build.sh", code], check=True, timeout=300)
    functions = cloud.client("lambda")
    functions.create_function(
        FunctionName="summarise", Runtime="provided.al2023", Handler="bootstrap", Timeout=10,
        Role=f"arn:aws:iam::{ACCOUNT}:role/summarise", MemorySize=256,
        Code={"ZipFile": zip_directory(code, cloud.directory / "swift.zip").read_bytes()})
    functions.get_waiter("function_active_v2").wait(FunctionName="summarise")
    answers = []
    for reading in READINGS:
        answer = functions.invoke(FunctionName="summarise", Payload=json.dumps(reading))
        answers.append({"error": answer.get("FunctionError"), **json.load(answer["Payload"])})
    return answers


if __name__ == "__main__":
    main(pipeline)
