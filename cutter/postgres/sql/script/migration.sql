
-- migration {comment}
\set cutter_applied false
\if :cutter_known
SELECT EXISTS (SELECT FROM cutter_governance.migration AS m WHERE m.number = {number}) AS cutter_applied \gset
\endif
\if :cutter_applied
\else
{text}
{leave_role};
{record};
\endif
