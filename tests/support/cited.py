"""Documents and profiles made by hand for citations and eIds: a unit is a path of segments with its printed number."""

import os
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
from ruamel.yaml import YAML

from cutter.cutting.profile import Profile, Rank
from cutter.cutting.unit import Cut, Unit

LAW = """
format: cutter.profile/1
id: test.law
title: {vi: Luật}
language: vi
ascii: [[đ, dd]]
levels:
  - {id: annex, type: ANX, rank: zone, within: [document], words: [Phụ lục], numbers: [roman], opaque: true}
  - {id: preamble, type: PRE, rank: zone, within: [document], words: [LỜI NÓI ĐẦU], unnumbered: true}
  - id: part
    type: PART
    rank: container
    within: [document]
    words: [Phần]
    numbers: [{before: thứ, ordinals: [nhất, hai, ba, tư]}, roman]
  - {id: chapter, type: CH, rank: container, within: [part, document], words: [Chương], numbers: [roman], run: either}
  - {id: section, type: SEC, rank: container, within: [chapter], words: [Mục], numbers: [decimal]}
  - {id: article, type: ART, rank: basic, within: [section, chapter, document], words: [Điều], numbers: [decimal]}
  - {id: clause, type: CL, rank: sub, within: [article], numbers: [decimal]}
  - {id: point, type: PT, rank: sub, within: [clause], numbers: [{letters: abcdđeghi}]}
citations:
  vi:
    order: inner_first
    join: ' '
    parts:
      FRONT: phần mở đầu
      PRE: Lời nói đầu
      QS: đoạn trích {n}
      ANX: Phụ lục {n}
      PART: Phần {n}
      CH: Chương {n}
      SEC: Mục {n}
      ART: Điều {n}
      CL: khoản {n}
      PT: điểm {n}
    also: {CL: [k], ART: [đ], PT: [đ]}
    between: [của, thuộc]
    itself: [của Luật này, Luật này]
    titled: '{citation} {title}'
  vi.short:
    order: inner_first
    join: ' '
    parts: {PART: 'Ph.{n}', CH: 'Ch.{n}', SEC: 'M.{n}', ART: 'Đ.{n}', CL: 'k.{n}', PT: 'đ.{n}', ANX: 'PL {n}'}
  en:
    order: outer_first
    join: ', '
    stuck: [CL, PT]
    parts: {PART: 'Part {value}', CH: 'Chapter {n}', SEC: 'Section {n}', ART: 'Article {n}', CL: '({n})', PT: '({n})'}
    between: [of]
"""
LAW_UNITS = """
FRONT-1
PRE-1
PART-01 thứ nhất
PART-01/CH-01 I
PART-01/CH-01/SEC-01 1
PART-01/CH-01/SEC-01/ART-01 1
PART-01/CH-01/SEC-02 2
PART-01/CH-01/SEC-02/ART-05 5
PART-01/CH-01/SEC-02/ART-05/CL-1 1
PART-01/CH-01/SEC-02/ART-05/CL-2 2
PART-01/CH-01/SEC-02/ART-05/CL-2/PT-a a
PART-01/CH-01/SEC-02/ART-05/CL-2/PT-d d
PART-01/CH-01/SEC-02/ART-05/CL-2/PT-đ đ
PART-03 THỨ BA
PART-03/CH-15 XV
PART-03/CH-15/SEC-01 1
PART-03/CH-15/SEC-01/ART-05a 5a
PART-03/CH-15/SEC-01/ART-05a/CL-1 1
PART-03/CH-15/SEC-01/ART-05a/CL-1/QS-1
PART-03/CH-15/SEC-01/ART-05a/CL-1/TAIL-1
PART-03/CH-15/SEC-01/ART-06 6
PART-03/CH-15/SEC-01/ART-06/CL-1 1
PART-03/CH-15/SEC-01/ART-06/CL-1~2 1
ANX-04 IV
"""

REGULATION = """
format: cutter.profile/1
id: test.regulation
title: {en: Regulation}
language: en
levels:
  - {id: recital, type: REC, rank: zone, within: [document], numbers: [decimal]}
  - {id: chapter, type: CH, rank: container, within: [document], words: [CHAPTER], numbers: [roman]}
  - {id: article, type: ART, rank: basic, within: [document, chapter], words: [Article], numbers: [decimal]}
  - {id: paragraph, type: CL, rank: sub, within: [article], numbers: [decimal]}
  - {id: point, type: PT, rank: sub, within: [paragraph, article], numbers: [{letters: abcdefghi}]}
  - {id: subpoint, type: SPT, rank: sub, within: [point], numbers: [small_roman]}
citations:
  en:
    order: outer_first
    join: ', '
    stuck: [CL, PT, SPT]
    parts: {REC: 'recital {n}', CH: 'Chapter {n}', ART: 'Article {n}', CL: '({n})', PT: '({n})', SPT: '({n})'}
    also: {ART: [art], CL: [paragraph], PT: [point]}
    between: [of]
    titled: '{citation} of {title}'
  en.full:
    order: inner_first
    join: ' of '
    stuck: [CL, SPT]
    parts: {REC: 'recital {n}', CH: 'Chapter {n}', ART: 'Article {n}', CL: '({n})', PT: 'point ({n})', SPT: '({n})'}
akn:
  CL: {element: paragraph, part: para}
"""
REGULATION_UNITS = """
REC-47 47
CH-01 I
CH-01/ART-04 4
CH-01/ART-04/PT-a a
CH-02 II
CH-02/ART-06 6
CH-02/ART-06/CL-1 1
CH-02/ART-06/CL-1/PT-f f
CH-02/ART-06/CL-1/PT-i i
CH-02/ART-06/CL-1/PT-i/SPT-i i
CH-02/ART-06/CL-2 2
SIG-1
"""

CHARTER = """
format: cutter.profile/1
id: test.charter
title: {en: Charter}
language: en
levels:
  - {id: article, type: ART, rank: basic, within: [document], words: [Article], numbers: [roman]}
  - id: amendment
    type: AMD
    rank: basic
    within: [document]
    words_after: [Amendment]
    numbers: [{ordinals: [First, Second, Third]}]
  - {id: appendix, type: APP, rank: basic, within: [document], words: [Appendix], numbers: [decimal], scope: true}
  - {id: section, type: SEC, rank: basic, within: [document], numbers: [decimal]}
  - {id: subsection, type: SEC, rank: sub, within: [section, appendix, article, amendment, subsection],
     numbers: [decimal], path: true}
  - {id: clause, type: CL, rank: sub, within: [section, subsection], numbers: [decimal]}
citations:
  en:
    order: outer_first
    join: ', '
    stuck: [SEC]
    parts:
      ART: Article {n}
      AMD: Amendment {roman}
      APP: appendix {path}
      SEC: section {path}
      CL: section {path}
    also: {AMD: ['{n} amend'], SEC: [§]}
    between: [of the, of]
"""
CHARTER_UNITS = """
ART-01 I
AMD-01 First
AMD-03 THIRD
SEC-10 10
SEC-10/SEC-1 10.1
SEC-10/SEC-1/SEC-4 10.1.4
SEC-10/SEC-1/SEC-4/CL-2 2
SEC-10/SEC-1/SEC-4/CL-3 1
APP-10 10
APP-10/SEC-1 10.1
APP-10/SEC-2 10.2
"""

DOCUMENTS = Path(os.environ.get("CUTTER_DOCUMENTS", Path(__file__).parents[3] / "shared" / "data" / "documents"))
# Real documents, by profile.
REAL = [
    ("vi.law", "vn-hien-phap-2013.txt"),
    ("vi.law", "vn-bo-luat-dan-su-2015.txt"),
    ("vi.amending", "vn-luat-dau-tu-2020.txt"),
    ("vi.amending", "vn-luat-12-2017-sua-doi-blhs.txt"),
    ("us.constitution", "us-constitution.txt"),
    ("eu.regulation", "eu-gdpr-2016-679-oj.txt"),
    ("uk.act", "uk-levelling-up-and-regeneration-act-2023.txt"),
    ("za.bluebell", "za-constitution-1996.bluebell.txt"),
    ("charter", "org-debian-constitution-1.9.txt"),
    ("manual", "spec-debian-policy-4.6.2.txt"),
    ("rfc", "spec-rfc2616.txt"),
    ("markdown.numbered", "policy-github-terms-of-service.md"),
    ("markdown.numbered", "spec-uslm-user-guide.bom.md"),
    ("markdown", "spec-semver-2.0.0.md"),
    ("markdown", "spec-c2sp-chacha20-poly1305-siv.crlf.md"),
]

_ZONES = ("FRONT", "PRE", "REC", "QS", "TAIL", "SIG", "ANX")


def profile_of(text: str) -> Profile:
    """A profile from its YAML."""
    return msgspec.convert(YAML(typ="safe").load(text), Profile)


def document_of(units: str, profile: Profile, document_id: str = "LAW-1") -> Cut:
    """A cut from lines `PATH NUMBER_AS_PRINTED`; each unit owns one byte."""
    lines = [line.partition(" ") for line in units.strip().splitlines()]
    source = b"x" * len(lines)
    ranks = {(level.type, len(level.within)): level.rank for level in profile.levels}
    made = []
    for place, (path, _, number) in enumerate(lines):
        parent, _, segment = path.rpartition("/")
        type_ = segment.partition("-")[0]
        sub = bool(parent) and type_ == "SEC" and profile.id == "test.charter"
        fitting = [rank for (known, _), rank in ranks.items() if known == type_]
        rank = Rank.ZONE if type_ in _ZONES else Rank.SUB if sub else fitting[0]
        made.append(
            Unit(
                source=source,
                address=f"{document_id}/{path}",
                short_address=f"{document_id}/{path}",
                address_ascii=f"{document_id}/{path}".replace("đ", "dd"),
                sort_key=f"{place:05d}",
                type=type_,
                rank=rank,
                number_raw=number,
                ordinal=place + 1,
                parent_address=f"{document_id}/{parent}" if parent else None,
                heading=None,
                start=place,
                end=place + 1,
                sha256=sha256(b"x").hexdigest(),
                line=1,
            )
        )
    return Cut(document_id, profile.id, tuple(made), (), len(source))


def source_of(name: str) -> bytes:
    """The bytes of a real document, or a skip that says what is missing."""
    path = DOCUMENTS / name
    if not path.is_file():
        pytest.skip(f"the real document {name} is not here: set CUTTER_DOCUMENTS to the folder that holds it")
    return path.read_bytes()
