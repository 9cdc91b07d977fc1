-- grain: one row per column of every table
SELECT dictionary.table_name, dictionary.column_name, dictionary.data_type, dictionary.unit, dictionary.description_zh, dictionary.description_en
FROM meta.dictionary AS dictionary
ORDER BY dictionary.table_name
