"""The page that the reviewers of a request read, made from the run and the workspace's own texts.

Rules kept here: it holds document text, so it is a private file of the run's folder and goes nowhere else.

Source: command-line.md §4; approvals-and-evidence §3 (An approval must not be blind).
"""

from collections.abc import Sequence

from cutter import canon, cutting
from cutter.approval.trust import TrustBundle, TrustStore
from cutter.contracts import Policies
from cutter.custody.documents import WorkspaceTexts
from cutter.custody.sidecar import RunFolders
from cutter.events import Record, Surveyed
from cutter.evidence import sidecars
from cutter.order import Asked, Order
from cutter.plan import Plan
from cutter.policies.decision import Decision
from cutter.policies.policy import DECIDE
from cutter.report.decisions.letters import letter_of
from cutter.report.decisions.words import record_of
from cutter.report.effects import unknown_message_id
from cutter.report.review import AskedSurvey, ReviewCase, ReviewedDocument, Signer, file_name, make_page


class ReviewPages:
    """Writes reviewers' pages into run folders (`execution.Reviews`)."""

    def __init__(
        self, folders: RunFolders, texts: WorkspaceTexts, trust: TrustStore, policies: Policies, label: str
    ) -> None:
        self._folders = folders
        self._texts = texts
        self._trust = trust
        self._policies = policies
        self._label = label

    def write(self, order: Order, asked: Asked, /) -> str:
        """Write the page of a request; its sha256."""
        page = make_page(self._case(order, asked))
        self._folders.write(order.run_id, file_name(asked.gate.id), page)
        return canon.sha256(page)

    def _case(self, order: Order, asked: Asked) -> ReviewCase:
        request, bundle = asked.request, self._trust.load().bundle
        decided = _decided(asked.plan)
        return ReviewCase(
            pipeline=order.pipeline,
            plan=asked.plan,
            run_id=order.run_id,
            mode=order.mode,
            gate=asked.gate,
            gate_index=request.gate_index,
            requester=request.requester,
            target_label=self._label,
            issued_at=request.issued_at,
            approve_by=request.approve_by,
            execute_by=request.execute_by,
            covers=request.covers,
            row_count=request.row_count,
            asked=_asked(asked.records),
            phases=sidecars(order.run_id, order.story, asked.records),
            signers=_signers(bundle, asked) if bundle is not None else (),
            document=self._document(asked.plan),
            decided=decided,
            letter=letter_of(decided, self._policies.select().templates) if decided is not None else None,
            message_id=unknown_message_id(asked.records),
        )

    def _document(self, plan: Plan) -> ReviewedDocument | None:
        """The document that is cut: the version whose text the plan names, beside the one before it in the index."""
        document_id = next((item.value for item in plan.inputs.values if item.name == "document_id"), None)
        planned = next((item.outcome for item in plan.outcomes if "manifest_sha256" in item.outcome), None)
        found = next((item.outcome for item in plan.outcomes if "text_sha256" in item.outcome), None)
        if document_id is None or planned is None or found is None:
            return None
        listed = list(self._texts.versions(document_id))
        index = next((n for n, version in enumerate(listed) if version.text_sha256 == found["text_sha256"]), None)
        if index is None:
            return None  # the library holds a text that this workspace does not
        newest = index == len(listed) - 1
        declared = tuple(sorted(self._texts.counts(document_id).items())) if newest else ()
        version, before = listed[index], listed[index - 1] if index else None
        text = self._texts.read(version.text_sha256)
        profile = self._texts.profile(str(planned["profile"]))
        return ReviewedDocument(
            document_id=document_id,
            title=version.title,
            language=version.language,
            version=version.version,
            text=text,
            cut=cutting.cut(text, document_id, profile),
            previous=cutting.cut(self._texts.read(before.text_sha256), document_id, profile) if before else None,
            previous_version=before.version if before else "",
            declared=declared,
        )


def _decided(plan: Plan) -> Decision | None:
    """What was decided on a trigger; None in a run that people started."""
    found = (item.outcome for item in plan.outcomes if item.operation == DECIDE)
    outcome = next(found, None)
    return record_of(outcome) if outcome is not None else None


def _asked(records: Sequence[Record]) -> tuple[AskedSurvey, ...]:
    return tuple(
        AskedSurvey(record.phase, event.survey, event.expected, event.found, event.facts_sha256)
        for record in records
        if isinstance(event := record.event, Surveyed) and not event.inside
    )


def _signers(bundle: TrustBundle, asked: Asked) -> tuple[Signer, ...]:
    """Who has a role that the gate asks for, in this tenant, when the request was written."""
    roles, request = {quorum.role for quorum in asked.gate.quorum}, asked.request
    able = []
    for person in bundle.persons:
        fitting = tuple(sorted(roles.intersection(person.roles)))
        known = request.tenant in person.tenants and person.valid_from <= request.issued_at <= person.valid_to
        if fitting and known:
            able.append(Signer(person.person_id, person.name, fitting))
    return tuple(able)
