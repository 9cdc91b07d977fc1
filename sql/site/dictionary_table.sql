-- grain: one row per table or view with a description
SELECT schema_name || '.' || table_name AS table_name, comment, estimated_size AS row_count
FROM duckdb_tables()
WHERE comment IS NOT NULL
UNION ALL
SELECT schema_name || '.' || view_name, comment, NULL
FROM duckdb_views()
WHERE comment IS NOT NULL AND NOT internal
ORDER BY table_name
