"""The commands behind make's targets."""

import argparse
import sys
from pathlib import Path

from book import execution, inspection, notebook


def run(options):
    """execute a notebook and print what its cells show"""
    executed = execution.execute(options.notebook.resolve())
    print(execution.told(executed))
    if options.out:
        notebook.write(executed, options.out)
    return inspection.faults(executed)


def main():
    parser = argparse.ArgumentParser(prog="python -m book", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    command = commands.add_parser("run", help=run.__doc__)
    command.add_argument("notebook", type=Path)
    command.add_argument("--out", type=Path, help="where to store it with its outputs")
    command.set_defaults(act=run)

    options = parser.parse_args()
    faults = options.act(options)
    for fault in faults or []:
        print(fault, file=sys.stderr)
    sys.exit(bool(faults))


main()
