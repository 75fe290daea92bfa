SELECT count(*) FROM (
    (({selection}) EXCEPT ALL ({staged}))
    UNION ALL
    (({staged}) EXCEPT ALL ({selection}))
) AS different
