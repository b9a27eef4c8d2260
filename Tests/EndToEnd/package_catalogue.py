"""Real input: the machine's own Debian package catalogue as items, or a generated one like it.

As a program it prints them, an item in DynamoDB JSON to a line; `--generated COUNT` prints so many
generated records, which are the same on every machine.
"""

import json
import random
import re
import shutil
import subprocess
import sys

RECORDS_MAX = 25_000
RECORDS_MIN = 5_000
DEPENDENCY = re.compile(r"^([^\s(:\[]+)(?::\w+)?(?:\s*\(([<>=]+)\s*([^)]+)\))?")


def paragraphs(text):
    """The records of a Debian control file: field names to folded values."""
    fields, name = {}, None
    for line in text.split("\n"):
        if not line.strip():
            if fields:
                yield fields
            fields, name = {}, None
        elif line[0] in " \t":
            if name:
                fields[name] += "\n" + line.strip()
        else:
            name, _, value = line.partition(":")
            fields[name] = value.strip()
    if fields:
        yield fields


def dependencies(text):
    """`libc6 (>= 2.14), a | b` as a list of maps, alternatives one after another."""
    found = []
    for part in re.split(r"[,|]", text.replace("\n", " ")):
        match = DEPENDENCY.match(part.strip())
        if not match:
            continue
        name, relation, version = match.groups()
        told = {"name": {"S": name}}
        if relation:
            told |= {"relation": {"S": relation}, "version": {"S": version.strip()}}
        found.append({"M": told})
    return found


def item_of(fields):
    item = {
        "section": {"S": fields.get("Section") or "unknown"},
        "name": {"S": fields["Package"]},
        "version": {"S": fields.get("Version", "0")},
        "maintainer": {"S": fields.get("Maintainer") or "nobody"},
        "priority": {"S": fields.get("Priority") or "optional"},
        "installed_size": {"N": str(int(fields.get("Installed-Size") or 0))},
        "description": {"S": fields.get("Description", "")},
        "depends": {"L": dependencies(fields.get("Depends", ""))},
    }
    tags = {tag.strip() for tag in fields.get("Tag", "").replace("\n", " ").split(",")} - {""}
    if tags:
        item["tags"] = {"SS": sorted(tags)}
    return item


def generated(seed=20261121, count=RECORDS_MAX):
    """Records of the same shape where the machine has no catalogue."""
    rng = random.Random(seed)
    sections = ["libs", "libdevel", "python", "perl", "doc", "games", "science", "net", "admin"]
    names = sorted({
        f"{rng.choice(['lib', 'python3-', 'golang-', ''])}{rng.choice('abcdefghij')}"
        f"{rng.randrange(10**6):06}" for _ in range(count)})
    for name in names:
        depends = ", ".join(
            f"{rng.choice(names)} (>= {rng.randrange(9)}.{rng.randrange(99)})"
            for _ in range(rng.randrange(12)))
        yield {
            "Package": name, "Version": f"{rng.randrange(20)}.{rng.randrange(50)}-1",
            "Section": rng.choice(sections), "Maintainer": f"Maintainer {rng.randrange(400)}",
            "Priority": rng.choice(["optional"] * 20 + ["required", "important", "extra"]),
            "Installed-Size": str(int(rng.lognormvariate(5, 2))), "Depends": depends,
            "Description": " ".join(rng.choice(names) for _ in range(8)),
            "Tag": ", ".join(f"role::{rng.choice('abcdef')}" for _ in range(rng.randrange(4))),
        }


def available():
    """The text of apt's catalogue; empty where there is none."""
    if not shutil.which("apt-cache"):
        return ""
    result = subprocess.run(
        ["apt-cache", "dumpavail"], capture_output=True, text=True, errors="replace", check=False)
    return result.stdout


def load():
    """The catalogue as {(section, name): item}, at most RECORDS_MAX, and where it came from."""
    items, source = {}, "the machine's catalogue"
    for fields in paragraphs(available()):
        if "Package" in fields:
            item = item_of(fields)
            items[item["section"]["S"], item["name"]["S"]] = item
    if len(items) < RECORDS_MIN:
        source = "a generated catalogue"
        items = {}
        for fields in generated():
            item = item_of(fields)
            items[item["section"]["S"], item["name"]["S"]] = item
    if len(items) > RECORDS_MAX:
        # Every n-th, so that all sections and letters stay.
        keys = sorted(items)
        step = len(keys) / RECORDS_MAX
        items = {keys[int(i * step)]: items[keys[int(i * step)]] for i in range(RECORDS_MAX)}
    return items, source


def main():
    if sys.argv[1:2] == ["--generated"]:
        records = [item_of(fields) for fields in generated(count=int(sys.argv[2]))]
    else:
        records = load()[0].values()
    for item in records:
        print(json.dumps(item, ensure_ascii=False))


if __name__ == "__main__":
    main()
