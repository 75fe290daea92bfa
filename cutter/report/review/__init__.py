"""The reviewer's page: what people read before they sign at a gate, as one HTML file made from one frozen value.

`make_page(case)` gives the bytes; the same case gives the same bytes on any machine. The page holds document text, so
it is kept in the run's folder with mode 0600 and stays out of sidecars, ledger and evidence.
"""

from cutter.report.review.case import AskedSurvey, ReviewCase, ReviewedDocument, Signer
from cutter.report.review.page import file_name, make_page

__all__ = ["AskedSurvey", "ReviewCase", "ReviewedDocument", "Signer", "file_name", "make_page"]
