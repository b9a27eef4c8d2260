"""S3 -> SNS -> two SQS queues -> two functions -> two tables, by a SAM template."""

import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent
sys.path.insert(0, str(HOME.parent))

from local_cloud import PYTHON, main, wait_until  # noqa: E402

DOCUMENTS = {"report.md": ("text/markdown", "# A report"), "a/b.json": ("application/json", "{}")}


def pipeline(cloud):
    """Deploys the template, uploads documents and waits for both tables."""
    cloud.deploy(HOME / "template.yaml", Runtime=PYTHON)
    s3 = cloud.client("s3")
    for key, (content_type, text) in DOCUMENTS.items():
        s3.put_object(Bucket="documents", Key=key, Body=text.encode(), ContentType=content_type)

    def items(name):
        found = cloud.table(name).scan(ConsistentRead=True)["Items"]
        return found if len(found) == len(DOCUMENTS) else None

    catalogue = wait_until(lambda: items("catalogue"), "the catalogue")
    audit = wait_until(lambda: items("audit"), "the audit")
    return {
        "catalogue": {item["key"]: [item["type"], item["beginning"]] for item in catalogue},
        "audit": sorted(item["event"].split("#", 1)[1] for item in audit),
    }


if __name__ == "__main__":
    main(pipeline)
