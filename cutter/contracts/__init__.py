"""Every seam of cutter: the ports that adapters implement, and the values that pass through them.

Rules kept here: sessions that operations see cannot commit or roll back; a port returns frozen values.

Source: DESIGN §3 (layer 9), §4.
"""

from cutter.contracts.approvals import (
    ApprovalRecords,
    Consumption,
    CountedSignature,
    LedgerHead,
    SignatureReport,
    SigningProvider,
    StoredRequest,
    StoredSignature,
    TrustFloor,
)
from cutter.contracts.database import (
    Fingerprint,
    FingerprintedObject,
    Identity,
    KnowledgeDocument,
    Marker,
    MarkerKey,
    Part,
    Pins,
    RecordedRun,
    RunRow,
    TakeFingerprint,
    Target,
    Transactor,
    WriteTransaction,
)
from cutter.contracts.sessions import (
    Bind,
    Row,
    SurveySession,
    Value,
    WriteSession,
    stop_write_failed,
)
from cutter.contracts.world import (
    CatalogVersion,
    Clock,
    Ids,
    Notify,
    Sidecars,
    StoredBackup,
    Texts,
    Vault,
)

__all__ = [
    "ApprovalRecords",
    "Bind",
    "CatalogVersion",
    "Clock",
    "Consumption",
    "CountedSignature",
    "Fingerprint",
    "FingerprintedObject",
    "Identity",
    "Ids",
    "KnowledgeDocument",
    "LedgerHead",
    "Marker",
    "MarkerKey",
    "Notify",
    "Part",
    "Pins",
    "RecordedRun",
    "Row",
    "RunRow",
    "Sidecars",
    "SignatureReport",
    "SigningProvider",
    "StoredBackup",
    "StoredRequest",
    "StoredSignature",
    "SurveySession",
    "TakeFingerprint",
    "Target",
    "Texts",
    "Transactor",
    "TrustFloor",
    "Value",
    "Vault",
    "WriteSession",
    "WriteTransaction",
    "stop_write_failed",
]
