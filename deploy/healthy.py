"""Whether a Jupyter server of this container answers, wherever and under whatever name it was told to listen."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from book.lab import settle

settle()

from urllib.request import urlopen  # noqa: E402

from jupyter_server.serverapp import list_running_servers  # noqa: E402

for server in list_running_servers():
    # On every address it listens to, this one included; a hub's server stands under its user's name.
    urlopen(f"http://127.0.0.1:{server['port']}{server['base_url']}api", timeout=5)
    break
else:
    raise SystemExit("no server is running")
