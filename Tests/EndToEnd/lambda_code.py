"""Zips for functions of tests."""

import io
import zipfile

ROLE = "arn:aws:iam::000000000000:role/handler"

HANDLER = """\
def handler(event, context):
    return {"seen": event}
"""


def zip_of(files, modes=None):
    """A zip of names and texts; modes are of all files that aren't told."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, date_time=(2026, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = ((modes or {}).get(name, 0o100644)) << 16
            archive.writestr(info, content)
    return buffer.getvalue()


def python_zip(source=HANDLER):
    return zip_of({"app.py": source})


def parameters(name, **more):
    """What CreateFunction takes, for a Python function unless told otherwise."""
    return {"FunctionName": name, "Runtime": "python3.12", "Role": ROLE,
            "Handler": "app.handler", "Code": {"ZipFile": python_zip()}} | more
