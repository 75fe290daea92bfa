WITH added AS (
    INSERT INTO cutter_governance.login (login_name, tenant_id, person_id)
    VALUES (%(login)s, %(tenant)s, %(person)s)
    ON CONFLICT DO NOTHING
    RETURNING login_name
)
SELECT EXISTS (SELECT FROM added)
    OR EXISTS (SELECT FROM cutter_governance.login AS l
               WHERE l.login_name = %(login)s AND l.tenant_id = %(tenant)s AND l.person_id = %(person)s)
