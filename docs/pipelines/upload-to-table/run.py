"""S3 upload -> SQS -> Lambda -> DynamoDB, declared in Terraform."""

import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent
sys.path.insert(0, str(HOME.parent))

from local_cloud import has_terraform, main, wait_until, zip_directory  # noqa: E402

TEXTS = {
    "tales/fox.txt": "the quick brown fox jumps over the lazy dog",
    "notes with spaces.txt": "three little words",
    "empty.txt": "",
}


def pipeline(cloud):
    """Applies the declaration, uploads texts and waits for their counts."""
    code = zip_directory(HOME / "function", cloud.directory / "function.zip")
    cloud.terraform(HOME, "apply", "-auto-approve", "-input=false", code=code)
    s3 = cloud.client("s3")
    for key, text in TEXTS.items():
        s3.put_object(Bucket="uploads", Key=key, Body=text.encode())
    words = cloud.table("words")

    def counted():
        items = words.scan(ConsistentRead=True)["Items"]
        return items if len(items) == len(TEXTS) else None

    return {item["key"]: int(item["words"]) for item in wait_until(counted, "the counts")}


if __name__ == "__main__":
    if not has_terraform():
        sys.exit("This pipeline is declared in Terraform: install it, with its AWS provider.")
    main(pipeline)
