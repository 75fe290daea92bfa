-- All deferrable constraints but the rehearsal's, for SET CONSTRAINTS … IMMEDIATE at the end of a phase. Constraints of
-- schemas that the current role may not use are left out: naming them would be refused, and they still fire at commit.
SELECT n.nspname, c.conname
FROM pg_catalog.pg_constraint AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.connamespace
WHERE c.condeferrable
  AND c.conrelid <> 'cutter_governance.rehearsal'::pg_catalog.regclass
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
GROUP BY n.nspname, c.conname
ORDER BY n.nspname, c.conname
