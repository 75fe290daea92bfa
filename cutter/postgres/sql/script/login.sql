
-- login {comment}
{provision};
{record} AS cutter_agrees \gset
\if :cutter_agrees
\else
DO $differs$ BEGIN RAISE EXCEPTION 'a login of this script is recorded with another tenant or person'; END $differs$;
\endif
