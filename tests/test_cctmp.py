from tests.security.test_connections import *
import pytest
def test_a(live):
    r = live.complete()
    print(r.status, r.exit_code)
    try:
        verify_ledger(live.settings)
    except Stop as s:
        print(repr(s), s.detail, s.where, s.found, s.needed)
@pytest.mark.parametrize("name", ["the commit of leg A is lost", "before the approval is used"])
def test_b(live, name):
    after, at, cut, detail = CUTS[name]
    request = approved(live)
    with wire(live.database.server.socket, PORT, after, at, cut) as line, reached_by(live, line.folder):
        result = live.resume(request)
    print(result.exit_code, result.stop_code, repr(result.detail), result.run_id, [ (p.id if hasattr(p,'id') else p) for p in result.phases][-6:])
    r = live.complete()
    print(r.exit_code, r.stop_code, repr(r.detail), r)
