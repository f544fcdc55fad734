"""Checks the shipped scenarios against the JSON Schema that the program prints, as an editor would:
with jsonschema, and with taplo by the `#:schema` line of each file. The binary is the one argument.
"""

import datetime
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

import jsonschema

ROOT = Path(__file__).resolve().parents[2]


def plain(value):
    """TOML as JSON has it: dates and times are text."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return value


def main(binary):
    printed = subprocess.run([binary, "schema", "scenario"], capture_output=True, text=True, check=True)
    schema = json.loads(printed.stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    paths = sorted((ROOT / "scenarios").rglob("*.toml"))
    if not paths:
        sys.exit("there are no scenarios")
    problems = []
    for path in paths:
        keys = plain(tomllib.loads(path.read_text()))
        problems += [f"{path}: {error.json_path}: {error.message}" for error in validator.iter_errors(keys)]
        # A check that accepts everything checks nothing.
        for changed in ({**keys, "sead": 1}, {**keys, "seed": "one"}, {key: keys[key] for key in keys if key != "name"}):
            if validator.is_valid(changed):
                problems.append(f"{path}: the schema accepts {sorted(changed)} with a mistake")
    linted = subprocess.run(["taplo", "lint", *paths], capture_output=True, text=True)
    if linted.returncode != 0:
        problems.append(linted.stderr)
    with tempfile.TemporaryDirectory() as folder:
        wrong = Path(folder, "wrong.toml")
        wrong.write_text(paths[0].read_text().replace("invitations =", "invitatons ="))
        shutil.copy(ROOT / "scenarios/schema.json", folder)
        if subprocess.run(["taplo", "lint", wrong], capture_output=True).returncode == 0:
            problems.append("taplo accepts a misspelt key: the #:schema line leads nowhere")
    for problem in problems:
        print(problem)
    if problems:
        sys.exit(f"{len(problems)} problems")
    print(f"{len(paths)} scenarios are in order by the schema")


if __name__ == "__main__":
    main(*sys.argv[1:])
