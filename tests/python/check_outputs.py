"""Loads what the program writes with the tools of its users, with no options: pandas, DuckDB, Arrow
and the Frictionless validator. Every table must have the types that its data package tells, and the
rows that its manifest counts. The binary is the one argument; anything wrong ends with exit code 1.
"""

import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import frictionless
import pandas
import pyarrow.compute
import pyarrow.csv
import pyarrow.parquet

ROOT = Path(__file__).resolve().parents[2]

SMALL = """
name = "small"
title = "=A small pool"
seed = 7

[pool]
as_of = 2023-07-04
size = 5_000
bands = "none"

[[rounds]]
at = 2023-07-05T13:00:00Z
type = "general"
invitations = 100

[[rounds]]
label = "254a"
at = 2023-07-06T13:00:00Z
type = "stem"
invitations = 200

[policy.more.points]
french_bonus = 60
"""

# Text that a spreadsheet would run, text that only looks like it, and text that CSV has to quote.
HOSTILE = ["=1+1", "+cmd|' /C calc'!A0", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1",
           "-12.5", "+7", "-1e-3", "it's, \"quoted\"\nand long", "'=1", "plain"]
RUN_BY_SPREADSHEETS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")

# Names that may consist of digits. As text without options they load as numbers, whatever is done.
NAMES_OF_DIGITS = {"round", "candidate_id", "noc", "value"}

PANDAS = {
    "integer": ("int64", "float64"),  # with empty cells, pandas has no whole numbers
    "number": ("float64",),
    "boolean": ("bool",),
    "string": ("str",),
    "datetime": ("str",),  # read_csv looks for times only when told to; they are checked below
    "date": ("str",),
}
DUCKDB = {
    "integer": ("BIGINT",),
    "number": ("DOUBLE",),
    "boolean": ("BOOLEAN",),
    "string": ("VARCHAR",),
    "datetime": ("TIMESTAMP WITH TIME ZONE", "TIMESTAMP"),
    "date": ("DATE",),
}
ARROW = {
    "integer": ("int64",),
    "number": ("double",),
    "boolean": ("bool",),
    "string": ("string",),
    "datetime": ("timestamp[s, tz=UTC]", "timestamp[ns, tz=UTC]", "timestamp[ms, tz=UTC]"),
    "date": ("date32[day]",),
}

problems = []


def wrong(place, what):
    problems.append(f"{place}: {what}")


def drawsim(binary, folder, *args):
    ran = subprocess.run([binary, *map(str, args)], cwd=folder, capture_output=True, text=True)
    if ran.returncode != 0:
        sys.exit(f"drawsim {' '.join(map(str, args))}: exit code {ran.returncode}\n{ran.stderr}")


def check_type(place, column, kind, found, accepted, empty):
    """A column without a value has no type to be seen."""
    digits = column in NAMES_OF_DIGITS and kind == "string"
    accepted = accepted[kind] + (accepted["integer"] if digits else ())
    if not empty and str(found) not in accepted:
        wrong(place, f"column {column} of type {kind} loads as {found}")


def check_csv(path, fields, rows):
    frame = pandas.read_csv(path)
    table = duckdb.sql(f"SELECT * FROM '{path}'")
    arrow = pyarrow.csv.read_csv(path, parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True))
    names = [field["name"] for field in fields]
    for tool, columns, count in (
        ("pandas", list(frame.columns), len(frame)),
        ("DuckDB", table.columns, len(table)),
        ("Arrow", arrow.column_names, arrow.num_rows),
    ):
        if list(columns) != names:
            wrong(path, f"{tool} reads the columns {columns}, described are {names}")
            return
        if rows is not None and count != rows:
            wrong(path, f"{tool} reads {count} rows, the manifest has {rows}")
    for field, duck in zip(fields, table.types):
        name, kind = field["name"], field["type"]
        values = frame[name]
        empty = values.isna().all()
        check_type(f"{path} (pandas)", name, kind, values.dtype, PANDAS, empty)
        check_type(f"{path} (DuckDB)", name, kind, duck, DUCKDB, empty)
        check_type(f"{path} (Arrow)", name, kind, arrow.schema.field(name).type, ARROW, empty)
        if kind in ("datetime", "date") and not empty:
            pandas.to_datetime(values.dropna(), utc=True, format="ISO8601")
        if field.get("constraints", {}).get("required") and values.isna().any():
            wrong(path, f"column {name} is never empty, it says, and has empty cells")
    check_harmless(path, names, {field["name"]: field["type"] for field in fields})


def check_harmless(path, names, kinds):
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            for name in names:
                cell = row[name]
                if cell.startswith(RUN_BY_SPREADSHEETS) and not is_number(cell):
                    wrong(path, f"column {name}: a spreadsheet runs {cell!r}")


def is_number(cell):
    try:
        return not cell[1:2].isspace() and float(cell) == float(cell)
    except ValueError:
        return False


def check_parquet(path, fields, rows):
    schema = pyarrow.parquet.read_schema(path)
    table = duckdb.sql(f"SELECT * FROM '{path}'")
    frame = pandas.read_parquet(path)
    for tool, columns, count in (
        ("pandas", list(frame.columns), len(frame)),
        ("DuckDB", table.columns, len(table)),
    ):
        if list(columns) != [field["name"] for field in fields] or count != rows:
            wrong(path, f"{tool} reads {count} rows of {columns}")
    for field, duck in zip(fields, table.types):
        kind = field["type"]
        if str(duck) not in DUCKDB[kind][:1]:
            wrong(path, f"column {field['name']} of type {kind} loads as {duck} in DuckDB")
        if str(schema.field(field["name"]).type) not in ARROW[kind]:
            wrong(path, f"column {field['name']} of type {kind} is {schema.field(field['name'])}")


    check_statistics(path)


def check_statistics(path):
    """Lowest and highest value and empty cells, by which readers pass over row groups."""
    file = pyarrow.parquet.ParquetFile(path)
    for group in range(file.num_row_groups):
        table = file.read_row_group(group)
        for place, name in enumerate(table.column_names):
            told = file.metadata.row_group(group).column(place).statistics
            column = table.column(name)
            if told is None:
                continue
            if told.null_count != column.null_count:
                wrong(path, f"column {name}: {told.null_count} empty cells are told, {column.null_count} are there")
            if told.has_min_max:
                found = pyarrow.compute.min_max(column).as_py()
                if (told.min, told.max) != (found["min"], found["max"]):
                    wrong(path, f"column {name}: {told.min} to {told.max} is told, {found} is there")


def check_folder(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    package = json.loads((folder / "datapackage.json").read_text())
    counted = {file["path"]: file["rows"] for file in manifest["files"]}
    described = {resource["path"]: resource for resource in package["resources"]}
    tables = {path.name for path in folder.iterdir() if path.suffix in (".csv", ".parquet")}
    if not tables == set(counted) == set(described):
        wrong(folder, f"holds {tables}, counts {set(counted)}, describes {set(described)}")
        return
    for name, resource in described.items():
        check = check_csv if name.endswith(".csv") else check_parquet
        check(folder / name, resource["schema"]["fields"], counted[name])
    report = frictionless.validate(str(folder / "datapackage.json"))
    for error in report.flatten(["type", "message"]):
        wrong(folder, f"Frictionless: {error}")


def same_contents(left, right):
    """Whether a CSV and a Parquet file hold the same rows, text compared as it stands in Parquet."""
    columns = duckdb.sql(f"DESCRIBE SELECT * FROM '{right}'").fetchall()
    types = "{" + ", ".join(f"'{name}': '{kind}'" for name, kind, *_ in columns) + "}"
    csv_rows = f"SELECT * FROM read_csv('{left}', types={types})"
    other = f"SELECT * FROM '{right}'"
    for one, two in ((csv_rows, other), (other, csv_rows)):
        extra = duckdb.sql(f"({one}) EXCEPT ALL ({two})").fetchall()
        if extra:
            wrong(left, f"differs from {right} in {len(extra)} rows, e.g. {extra[0]}")


def candidate_fields(binary):
    """Names and types of candidate files, from the table that `schema candidate` prints."""
    text = subprocess.run([binary, "schema", "candidate"], capture_output=True, text=True, check=True)
    rows = [line.split("|")[1:3] for line in text.stdout.splitlines() if line.startswith("| ")]
    return [{"name": name.strip(), "type": kind.strip()} for name, kind in rows[1:]
            if not name.strip().startswith("-")]


def hostile_candidates(source, target):
    """The first candidates of a file under hostile names, with hostile remarks of the user's own."""
    with open(source, newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        rows = [row for row, _ in zip(reader, HOSTILE)]
    with open(target, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*reader.fieldnames, "=remark"])
        writer.writeheader()
        for place, (row, text) in enumerate(zip(rows, HOSTILE)):
            writer.writerow({**row, "candidate_id": f"{text}#{place}", "=remark": text})


def main(binary):
    binary = str(Path(binary).resolve())
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "small.toml").write_text(SMALL)
        run = ["run", "small.toml", "--quiet", "--out"]
        drawsim(binary, place, *run, "one")
        drawsim(binary, place, *run, "many", "--replicates", 3)
        drawsim(binary, place, *run, "all", "--replicates", 3, "--all-replicates")
        drawsim(binary, place, *run, "parquet", "--format", "parquet")
        for name in ("csv", "parquet"):
            drawsim(binary, place, "compare", "small.toml", "--replicates", 3, "--quiet",
                    "--format", name, "--out", f"compare-{name}")
            drawsim(binary, place, "generate", "small.toml", "--quiet", "--out", f"pool.{name}")
        drawsim(binary, place, "backtest", "--replicates", 20, "--from", "2024-01-01",
                "--to", "2024-06-30", "--quiet", "--out", "past/backtest")
        drawsim(binary, place, "history", "import", ROOT / "tests/data/feed.json", "--quiet",
                "--out", "past/imported")
        drawsim(binary, place, "sweep", "small.toml", "--set", "points.french_bonus=25,50",
                "--replicates", 2, "--quiet", "--out", "swept")
        drawsim(binary, place, "odds", "small.toml", "--score", 480, "--type", "stem",
                "--replicates", 20, "--quiet", "--out", "chances")
        hostile_candidates(place / "pool.csv", place / "hostile.csv")
        drawsim(binary, place, "score", "hostile.csv", "--out", "scored.csv", "--on", "2023-07-05", "--quiet")
        drawsim(binary, place, "score", "scored.csv", "--out", "again.csv", "--on", "2023-07-05", "--quiet")
        drawsim(binary, place, *run, "brought", "--pool", "scored.csv")

        folders = sorted(path.parent for path in place.rglob("manifest.json"))
        if len(folders) != 11:
            wrong(place, f"11 result folders are expected, these are there: {folders}")
        for folder in folders:
            check_folder(folder)
        for table in ("rounds", "invitees", "distribution", "summary"):
            same_contents(place / f"one/small/{table}.csv", place / f"parquet/small/{table}.parquet")
        fields = candidate_fields(binary)
        check_csv(place / "pool.csv", fields, 5_000)
        check_parquet(place / "pool.parquet", fields, 5_000)
        same_contents(place / "pool.csv", place / "pool.parquet")
        scored = [*fields, {"name": "'=remark", "type": "string"}]
        check_csv(place / "scored.csv", scored, len(HOSTILE))
        if (place / "scored.csv").read_bytes() != (place / "again.csv").read_bytes():
            wrong(place / "again.csv", "scoring a scored file changes it")
        with open(place / "scored.csv", newline="", encoding="utf-8") as file:
            remarks = [row.get("'=remark") for row in csv.DictReader(file)]
        kept = ["'" + text if text.startswith(RUN_BY_SPREADSHEETS) and not is_number(text) else text
                for text in HOSTILE]
        if remarks != kept:
            wrong(place / "scored.csv", f"remarks are {remarks}, expected {kept}")
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(f"{len(problems)} problems")
    print(f"{len(folders)} result folders and 4 candidate files load as they say")


if __name__ == "__main__":
    main(*sys.argv[1:])
