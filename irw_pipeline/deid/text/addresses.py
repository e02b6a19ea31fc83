"""Where somebody lives or works: streets, towns with state and code, postal codes.

States and countries stay: they are no smaller than the law allows (45 CFR 164.514(b)(2)(i)(B)).
"""

from __future__ import annotations

import re

from irw_pipeline.deid.text.marks import GONE
from irw_pipeline.deid.text.words import word

_STREET_DIGITS = 3
STATES = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|"
    "NY|NC|ND|OH|OK|OR|PA|RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC|PR|"
    "ON|QC|BC|AB|MB|SK|NS|NB|NL|YT|NSW|VIC|QLD|TAS"
)
_STATE_NAMES = (
    "Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|"
    "Hawaii|Idaho|Illinois|Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|"
    "Minnesota|Mississippi|Missouri|Montana|Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|"
    "New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|Pennsylvania|Rhode Island|"
    "South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|"
    "Wisconsin|Wyoming"
)
_CITY = (
    r"(?:(?:St|Ft|Mt)\. )?[A-Z](?:[^\W\d_]|['\u2019-])*"
    r"(?: (?:[A-Z](?:[^\W\d_]|['\u2019-])*|of|de|la|del|upon|am|on)){0,3}"
)
_CITY_BEGINS = frozenset(
    {"San", "Santa", "New", "Fort", "Port", "Mount", "Lake", "North", "South", "East", "West"}
)
_WAYS = (
    "street|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|court|place|terrace|parkway|pkwy|"
    "highway|hwy|circle|square|trail|crescent|close|row|parade|loop|alley|turnpike|crossing|commons|plaza|"
    "mews|esplanade|grove|ridge|run|pike|path|expressway|freeway|gardens|heights|hollow|village|view|"
    "walk|bend|landing|manor|point|station|junction|throughway|byway|causeway|quay|wharf|vista|glen"
)
_SHORT_WAYS = "St|Dr|Ct|Pl|Sq|Cir|Way|Ter|Trl|Cres|Aly|Pt"
_UNIT = (
    r"(?:,? (?:apt|apartment|suite|ste|unit|flat|floor|fl|bldg|building|room|#)\.? ?#?\w{1,5}\b)?"
)
_CAPITAL = "[A-ZÄÖÜÅÉÓŚŻČŠ](?:[^\\W\\d_]|['\u2019-])+"
_SAINT = r"(?:(?:St|Ste|San|Bad|Mt|Ft|Den|Le|La)\.? )?"
_TOWN = rf"{_SAINT}{_CAPITAL}(?: (?:[a-z]{{2,4}} )?{_CAPITAL}){{0,2}}"
_CODE_AND_TOWN = rf"(?:[A-Z]{{1,2}}-)?\d{{4,5}} (?:[A-Z]{{2}} )?{_TOWN}"
_AFTER_STREET = re.compile(
    rf"(?<={GONE})[,;]?\s{{1,2}}(?:{_CODE_AND_TOWN}"
    rf"|(?<=[,;] ){_TOWN}(?=[,.;|\n]|\Z| [A-Z]{{1,3}} ?\d| {GONE}))"
)
_CODE_TOWN = re.compile(rf"(?<=, ){_CODE_AND_TOWN}(?=[,.;|\n]|\Z)")
_STREET = re.compile(
    rf"(?<![\w.])\d{{1,6}}[A-Za-z]? (?:(?:N|S|E|W|NE|NW|SE|SW)\.? )?"
    rf"(?P<name>(?:(?:[A-Z0-9][\w'\u2019.-]*|of|de|la) ){{1,4}})"
    rf"(?:(?i:{_WAYS})|(?P<short>{_SHORT_WAYS}|{_SHORT_WAYS.upper()}))\b(?!\.? [A-Z]\w*,? MD)\.?"
    rf"(?: (?:N|S|E|W|NE|NW|SE|SW)\b)?(?i:{_UNIT})"
)
_CITY_STATE = re.compile(
    rf"(?<![\w-])(?P<city>{_CITY})(?P<comma>,)? (?:(?P<short>{STATES})|(?:{_STATE_NAMES}))\b"
    rf"(?P<code>,? (?:\d{{5}}(?:-\d{{4}})?|[A-Z]\d[A-Z] ?\d[A-Z]\d)(?!\d))?"
)
_CODE = re.compile(
    rf"(?<![\w-])(?P<state>{STATES}|{_STATE_NAMES})(?P<code> \d{{5}}(?:-\d{{4}})?)(?![\w-])"
    r"|(?<=\bNSW) \d{4}(?!\w)|(?<=\b(?:VIC|QLD|TAS)) \d{4}(?!\w)"
    r"|(?i:(?<=\bzip)(?: code)?\s?[:#]?\s?\d{5}(?:-\d{4})?(?!\d))"
)
_ABROAD = re.compile(
    r"(?<!\w)(?:[A-ZÄÖÜ][\w.-]*(?:stra(?:ss|ß)e|str\.|gasse|weg|platz|allee|(?<!o)ring|damm|ufer"
    r"|laan|straat|gatan|v\u00e4gen|gata|veien|vej|gade|katu)"
    r"|[A-ZÄÖÜ][\w-]+ (?:Stra(?:ss|ß)e|Str\.|Allee|Platz|Weg)) \d{1,4} ?[a-z]?\b"
    r"|(?<!\w)\d{1,4}(?: bis| ter)?,? (?i:rue|avenue|boulevard|impasse|chemin|allée|quai|place)"
    r"(?: (?:de la|de l['\u2019]|des|du|de|d['\u2019]))? ?[A-ZÉÈ][\w'\u2019-]+"
    r"(?: [A-Z][\w'\u2019-]+){0,2}"
    r"|(?<!\w)(?:Calle|C/|ul\.|ulica|Avenida|Av\.|Via|Viale|Piazza|Rua|Plaza|Paseo) "
    r"(?:(?:de|del|della|di|da|do|la) )*"
    r"[A-Z][\w'\u2019-]+(?: [A-Z][\w'\u2019-]+){0,2},? \d{1,4}\b"
    r"|(?<![\w-])(?:[A-PR-UWYZ][A-HK-Y]\d[A-Z\d]?|[BEGLMNSW]\d{1,2}) \d[ABD-HJLNP-UW-Z]{2}(?![\w-])"
)
_PO_BOX = re.compile(r"(?<!\w)P\.? ?O\.? Box #? ?\d+", re.IGNORECASE)


def mark_addresses(text: str) -> str:
    """Return the text with addresses taken out."""
    if any(char.isdigit() for char in text):
        text = _PO_BOX.sub(GONE, _ABROAD.sub(GONE, _STREET.sub(_street, text)))
        text = _CODE_TOWN.sub(GONE, _AFTER_STREET.sub(_after_street, text))
        text = _CITY_STATE.sub(_city, text)
        return _CODE.sub(lambda match: (match["state"] or "") + GONE, text)
    return _CITY_STATE.sub(_city, text) if "," in text else text


def _after_street(match: re.Match[str]) -> str:
    is_medical = all(word(one).is_clinical for one in re.findall(r"[^\W\d_]+", match[0]))
    return match[0] if is_medical and not any(map(str.isdigit, match[0])) else GONE


def _street(match: re.Match[str]) -> str:
    names = [one.strip(".,") for one in match["name"].split()]
    if match["short"] and match["name"].rstrip().endswith("."):  # 370 MBq. Dr X
        return match[0]
    if not all(
        one[:1].isupper() or one[:1].isdigit() or one in ("of", "de", "la") for one in names
    ):
        return match[0]
    if match["short"] and match["short"].isupper():  # 3 PHASE CT, 2 VIEW DR
        number = re.match(r"\d+", match[0])
        is_long = number is not None and len(number[0]) >= _STREET_DIGITS
        telling = any(not word(one).is_clinical and one.isalpha() for one in names)
        return GONE if telling or (is_long and match["short"] == "ST") else match[0]
    return match[0] if all(one.isupper() and word(one).is_clinical for one in names) else GONE


def _city(match: re.Match[str]) -> str:
    """Take out city and code; a state alone is no smaller than the law allows."""
    names = [one.strip(".") for one in match["city"].split()]
    if not match["code"] and match["short"] and not match["comma"]:
        return match[0]
    state = match[0][match.end("city") - match.start() :].removesuffix(match["code"] or "")
    telling = [one for one in names if one[:1].isupper()]
    is_place = not (any(word(one).is_clinical for one in telling[-1:]) or match["city"].isupper())
    if not match["code"] and not is_place:
        return match[0]
    kept = _leading_clinical(names)
    return " ".join([*kept, GONE]) + state + (GONE if match["code"] else "")


def _leading_clinical(names: list[str]) -> list[str]:
    kept: list[str] = []
    for one in names:
        if not word(one).is_clinical or one in _CITY_BEGINS:
            break
        kept.append(one)
    return kept if len(kept) < len(names) else []
