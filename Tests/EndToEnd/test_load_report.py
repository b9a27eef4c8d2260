"""Reports of `basalt load`: the page, the JSON and its schema, dollars, verdicts, budgets."""

import json
from html.parser import HTMLParser
from pathlib import Path

import jsonschema
import pytest

from server_process import run_to_end

SCHEMA = Path(__file__).parents[2] / "docs" / "load" / "report.schema.json"
MONTH_SECONDS = 730 * 3600
DOLLARS_PER_WRITE_UNIT, DOLLARS_PER_READ_UNIT = 0.625e-6, 0.125e-6


def load(*arguments):
    return run_to_end(["load", *arguments], seconds=120)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A bad design and a good one, run once for all tests here."""
    folder = tmp_path_factory.mktemp("load")
    page, report = folder / "report.html", folder / "report.json"
    done = load("iot-bad", "iot-good", "--duration", "5s", "--html", page, "--json", report)
    assert done.returncode == 0, done.stderr
    return done, page.read_text("utf-8"), json.loads(report.read_text("utf-8"))


class Page(HTMLParser):
    """Notes what a page loads from elsewhere, and where its elements don't close."""

    VOID = {"meta", "br", "link", "img", "input", "hr"}

    def __init__(self):
        super().__init__()
        self.open, self.faults, self.ids, self.links = [], [], set(), []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if "id" in attributes:
            self.ids.add(attributes["id"])
        for name in ("src", "href", "action", "data", "xlink:href"):
            value = attributes.get(name)
            if value and not value.startswith("#"):
                self.faults.append(f"{tag} {name}={value}")
            elif value:
                self.links.append(value[1:])
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}>")


def test_the_page_is_whole_and_needs_nothing_else(run):
    _, text, report = run
    page = Page()
    page.feed(text)
    page.close()
    assert page.faults == [] and page.open == []
    assert set(page.links) <= page.ids
    shown = text.replace(report["designs"][0]["endpoint"], "")
    assert "http://" not in shown and "https://" not in shown
    assert "@import" not in text and "url(" not in text


def test_the_json_is_of_its_schema(run):
    _, _, report = run
    schema = json.loads(SCHEMA.read_text("utf-8"))
    validator = jsonschema.Draft202012Validator
    validator.check_schema(schema)
    validator(schema).validate(report)
    del report["designs"][0]["costs"]
    assert not validator(schema).is_valid(report)


def test_a_bad_design_is_told_by_its_hot_key_and_a_good_one_is_not(run):
    done, page, report = run
    bad, good = report["designs"]
    rules = {verdict["rule"] for verdict in bad["verdicts"]}
    assert "throttles" in rules
    key = bad["resources"][0]["hottestKeys"][0]
    text = ", ".join(f"{a['name']}={a['value']}" for a in key["attributes"])
    assert text.startswith("date=") and key["share"] > 0.9
    told = next(v for v in bad["verdicts"] if v["rule"] == "throttles")
    assert text in told["finding"] and text in page and text in done.stdout
    assert not {"throttles", "hot-key"} & {verdict["rule"] for verdict in good["verdicts"]}
    assert "headroom" in {verdict["rule"] for verdict in good["verdicts"]}


def test_throttling_is_predicted_where_the_partition_ceiling_lies(run):
    _, _, report = run
    bad = report["designs"][0]
    table = bad["resources"][0]
    met = bad["prediction"]["asCreated"]
    assert met["limit"] == "KeyRangeThroughputExceeded" and met["resource"] == table["name"]
    ceiling = min(1000 / table["writeUnitsPerSecond"], 3000 / table["readUnitsPerSecond"])
    # The measured seconds vary by chance; the model looks at each of them.
    assert met["factor"] == pytest.approx(ceiling, rel=0.1)


def test_dollars_are_those_of_a_calculation_by_hand(run):
    _, _, report = run
    good = report["designs"][1]
    overall = good["overall"]
    patterns = {pattern["operation"]: pattern for pattern in good["patterns"]}
    # Items of less than 1 KB take a unit each; a query's answer of less than 4 KB takes half.
    assert patterns["PutItem"]["itemSizes"]["maxBytes"] <= 1024
    writes = patterns["PutItem"]["requestCount"] / overall["seconds"]
    reads = patterns["Query"]["requestCount"] * 0.5 / overall["seconds"]
    by_hand = (writes * DOLLARS_PER_WRITE_UNIT + reads * DOLLARS_PER_READ_UNIT) * MONTH_SECONDS
    assert good["costs"]["requestUSDPerMonth"] == pytest.approx(by_hand, rel=0.01)
    for design in report["designs"]:
        units = [(p["units"], p["usdPerMonth"]) for p in design["patterns"]]
        for consumed, dollars in units:
            sums = sum(u["writeUnits"] * DOLLARS_PER_WRITE_UNIT + u["readUnits"] * DOLLARS_PER_READ_UNIT
                       for u in consumed)
            assert dollars == pytest.approx(sums / design["overall"]["seconds"] * MONTH_SECONDS, rel=0.01)


def test_requests_of_phases_patterns_and_time_agree(run):
    _, _, report = run
    for design in report["designs"]:
        measured = [p for p in design["phases"] if p["isMeasured"]]
        assert sum(p["requestCount"] for p in measured) == design["overall"]["requestCount"]
        assert sum(p["requestCount"] for p in design["patterns"]) == design["overall"]["requestCount"]
        line = design["timeline"]
        told = sum(p["requestCount"] for p in design["phases"] if p["kind"] != "load")
        assert sum(line["requestsPerSecond"]) * line["secondsPerSlot"] == pytest.approx(told)


def test_a_budget_sets_the_exit_code():
    arguments = ["iot-good", "--duration", "1s", "--rate", "50"]
    kept = load(*arguments, "--budget", "throttles=0,errors=0,usd_month<1000")
    assert kept.returncode == 0, kept.stderr
    assert kept.stdout.count("kept") == 3
    missed = load(*arguments, "--budget", "usd_month<0.01,throttles=0", "--json", "-")
    assert missed.returncode == 6
    assert missed.stderr.startswith("basalt: budget missed: usd_month<0.01 in ")
    assert [term["isMet"] for term in json.loads(missed.stdout)["budget"]] == [False, True]


@pytest.mark.parametrize("budget, message", [
    ("p99<10", "p99<10: '10' is no limit of p99, which takes a duration such as 10ms"),
    ("speed<1", "unknown figure 'speed'"),
    ("p99(nothing)<1ms", "has no access pattern 'nothing'"),
])
def test_a_faulty_budget_is_told_before_the_run(budget, message):
    done = load("iot-good", "--budget", budget)
    assert done.returncode == 1 and message in done.stderr and done.stdout == ""
    assert done.stderr.count("\n") == 1
