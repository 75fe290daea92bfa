from tests.security.test_connections import approved, CUTS, wire, reached_by, PORT
import pytest, traceback
import cutter.app.orchestration as o
@pytest.mark.parametrize("name", CUTS)
def test_b(live, name, monkeypatch):
    after, at, cut, detail = CUTS[name]
    request = approved(live)
    old = o.refused_result
    def rr(stop, **k):
        traceback.print_exception(stop); return old(stop, **k)
    monkeypatch.setattr(o, "refused_result", rr)
    with wire(live.database.server.socket, PORT, after, at, cut) as line, reached_by(live, line.folder):
        result = live.resume(request)
    print(name, line.done, result.exit_code, result.stop_code, repr(result.detail), result.run_id, [ (p.phase, p.status) for p in result.phases][-6:])
    r = live.complete()
    print(r.exit_code, r.stop_code, repr(r.detail))
