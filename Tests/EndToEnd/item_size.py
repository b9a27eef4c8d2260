"""Sizes of items and their units by the service's published rules, apart from the server's code.

Items are in the wire's form: {"name": {"S": "…"}}.
"""

import base64
from decimal import Decimal


def number_size(text):
    """1, plus one per two significant digits on each side of the point, plus 1 if negative."""
    sign, digits, exponent = Decimal(text).as_tuple()
    significant = "".join(map(str, digits)).lstrip("0")
    trimmed = significant.rstrip("0")
    if not trimmed:
        return 1
    exponent += len(significant) - len(trimmed)
    whole = min(max(len(trimmed) + exponent, 0), len(trimmed))
    fraction = len(trimmed) - whole
    return 1 + (whole + 1) // 2 + (fraction + 1) // 2 + (1 if sign else 0)


def text_size(text):
    return len(text.encode())


def binary_size(text):
    return len(base64.b64decode(text))


def value_size(value):
    ((kind, content),) = value.items()
    if kind == "S":
        return text_size(content)
    if kind == "N":
        return number_size(content)
    if kind == "B":
        return binary_size(content)
    if kind in ("BOOL", "NULL"):
        return 1
    if kind == "SS":
        return sum(map(text_size, content))
    if kind == "NS":
        return sum(map(number_size, content))
    if kind == "BS":
        return sum(map(binary_size, content))
    if kind == "L":
        return 3 + sum(1 + value_size(element) for element in content)
    if kind == "M":
        return 3 + sum(1 + text_size(name) + value_size(part) for name, part in content.items())
    raise ValueError(f"not a type of attribute value: {kind}")


def item_size(item):
    return sum(text_size(name) + value_size(value) for name, value in item.items())


def projected(item, names):
    """What an index entry holds of an item; all of it where names is None."""
    if names is None:
        return item
    return {name: value for name, value in item.items() if name in names}


def read_units(size, consistent=False):
    units = max(1, -(-size // 4096))
    return float(units) if consistent else units / 2


def write_units(size):
    return float(max(1, -(-size // 1024)))
