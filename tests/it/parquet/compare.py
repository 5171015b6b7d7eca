"""Every exported file against the table or view that it came from, read by DuckDB and by SQLite."""

import collections
import json
import os
import pathlib
import sqlite3

import duckdb

folder = pathlib.Path(os.environ["FOLDER"])
tables = sqlite3.connect(f"file:{os.environ['PROJECTIONS']}?mode=ro", uri=True)
reader = duckdb.connect()
found = {}
for path in sorted(folder.glob("*.parquet")):
    name = path.stem
    got = reader.execute(f"SELECT * FROM read_parquet('{path}')")
    columns = [column[0] for column in got.description]
    rows = collections.Counter(got.fetchall())
    wanted = tables.execute(f'SELECT * FROM "{name}"')
    assert columns == [column[0] for column in wanted.description], (name, columns)
    assert rows == collections.Counter(wanted.fetchall()), name
    meta = dict(reader.execute(f"SELECT key, value FROM parquet_kv_metadata('{path}')").fetchall())
    types = reader.execute(f"DESCRIBE SELECT * FROM read_parquet('{path}')").fetchall()
    found[name] = {
        "rows": rows.total(),
        "position": int(meta[b"keyledger.position"]),
        "types": {column: kind for column, kind, *_ in types},
    }
asked = """
SELECT t.name, count(*) FROM read_parquet($folder || '/token.parquet') t
JOIN read_parquet($folder || '/audit_entry.parquet') a ON a.position = t.last_position
GROUP BY ALL ORDER BY ALL
"""
found["asked"] = reader.execute(asked, {"folder": str(folder)}).fetchall()
print(json.dumps(found))
