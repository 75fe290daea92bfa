"""The cut pipeline over real documents, from `documents add` on: where the documents are, all of them."""

from pathlib import Path

import pytest

from cutter.app.documents import add_document
from cutter.app.system import RandomIds
from cutter.events import Completed
from tests.support.documents import DOCUMENTS, real_document
from tests.support.runs import Office, outcome_of

NAMES = [
    "vn-hien-phap-2013.txt",
    "vn-bo-luat-dan-su-2015.txt",
    "vn-luat-dau-tu-2020.txt",
    "vn-luat-12-2017-sua-doi-blhs.txt",
    "vn-luat-56-2014-sua-doi-quoc-tich.txt",
    "us-constitution.txt",
    "eu-gdpr-2016-679-oj.txt",
    "uk-levelling-up-and-regeneration-act-2023.txt",
    "za-constitution-1996.bluebell.txt",
    "org-debian-constitution-1.9.txt",
    "spec-debian-policy-4.6.2.txt",
    "spec-rfc2616.txt",
    "policy-github-terms-of-service.md",
    "spec-semver-2.0.0.md",
    "spec-uslm-user-guide.bom.md",
    "spec-c2sp-chacha20-poly1305-siv.crlf.md",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_real_document_is_rehearsed(office: Office, name: str) -> None:
    """Without it a document could be cut in memory and not fit the database: a long heading, a deep or odd address."""
    source = real_document(name)
    document_id = Path(name).stem.upper()[:40].strip(".-")

    added = add_document(office.settings, DOCUMENTS / name, document_id, None, None, "enacted")
    records = office.rehearse(RandomIds().run_id(), document_id)

    assert isinstance(records[-1].event, Completed), records[-1].event
    planned = outcome_of(records, "plan")
    assert planned["profile"] == added.profile.id
    assert outcome_of(records, "discover")["text_size"] == len(source)
    assert outcome_of(records, "cut_leg_a")["units"] == planned["row_count"]
