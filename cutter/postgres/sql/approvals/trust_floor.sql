SELECT f.version, f.sha256
FROM cutter_governance.trust_floor AS f
