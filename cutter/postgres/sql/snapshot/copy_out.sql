COPY (SELECT * FROM ({selection}) AS kept ORDER BY {key}) TO STDOUT
