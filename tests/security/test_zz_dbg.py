from tests.security.test_host_attacks import *
def test_dbg(live):
    kb_id = used(live)
    planted = _move(live, kb_id)
    live.sign(planted, "sovereign")
    print(planted)
    for r in live.office.rows("select kb_id, created_at from kb.document where kb_id like 'approvals%' order by 2"): print(r)
    r = live.resume(planted)
    print(r.gate, r.approval_kb_id, r.exit_code, r.stop_code, r.waiting)
    for r in live.office.rows("select seq, convert_from(body,'UTF8')::jsonb #>> '{data,event}' from cutter_governance.ledger_event order by seq desc limit 12"): print(r)
    assert 0
