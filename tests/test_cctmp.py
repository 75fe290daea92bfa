from tests.support.servers import *
import psycopg
def test_x(server):
    for b in (None, DEBIAN):
        with own_server(server, b) as s, standby_of(s, server) as t:
            for x in (s,t):
                with psycopg.connect(x.conninfo("postgres", tcp=True)) as c: print(c.execute("select version(), pg_is_in_recovery()").fetchone())
            s.crash(); s.start()
