SELECT size, head_sha256 FROM cutter_governance.fn_ledger_head()
