"""Writes `histories.txt`: what restic keeps of 1,000 random histories. `cargo xtask restic` runs it: make.py RESTIC-REPOSITORY OUTPUT.

Taking 15,000 snapshots one by one would derive a key for each. So the files of the snapshots are written here, encrypted as restic's design
document says (https://restic.readthedocs.io/en/stable/100_references.html): AES-256-CTR and Poly1305-AES, an IV before and the tag behind.
Each history is a host of its own, and `forget --group-by host` answers for all histories of one policy at once.

A line of the output is a policy, the times of the snapshots, newest first, as minutes since 1970 and then minutes before the one above, and
the places in that list of those that restic keeps.
"""

import base64
import hashlib
import json
import os
import random
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.poly1305 import Poly1305

RULES = ["last", "hourly", "daily", "weekly", "monthly", "yearly"]
POLICIES, HISTORIES = 100, 10
PASSWORD = "restic"
REPO, OUTPUT = map(Path, sys.argv[1:])


def restic(*args):
    command = ["restic", "--repo", REPO, "--no-cache", "--json", *args]
    env = os.environ | {"RESTIC_PASSWORD": PASSWORD, "TZ": "UTC"}
    return subprocess.run(command, env=env, check=True, capture_output=True).stdout


def aes(key, mode, data):
    return Cipher(algorithms.AES(key), mode).encryptor().update(data)


def tag(key, iv, sealed):
    return Poly1305.generate_tag(key["r"] + aes(key["k"], modes.ECB(), iv), sealed)


def unseal(key, data):
    iv, sealed, seal = data[:16], data[16:-16], data[-16:]
    assert tag(key, iv, sealed) == seal
    return aes(key["encrypt"], modes.CTR(iv), sealed)


def seal(key, text):
    iv = os.urandom(16)
    sealed = aes(key["encrypt"], modes.CTR(iv), text)
    return iv + sealed + tag(key, iv, sealed)


def master_key():
    [path] = (REPO / "keys").iterdir()
    file = json.loads(path.read_text())
    n, r, p = file["N"], file["r"], file["p"]
    salt, data = (base64.b64decode(file[name]) for name in ("salt", "data"))
    user = hashlib.scrypt(PASSWORD.encode(), salt=salt, n=n, r=r, p=p, maxmem=256 * n * r, dklen=64)
    master = json.loads(unseal({"encrypt": user[:32], "k": user[32:48], "r": user[48:]}, data))
    parts = {"encrypt": master["encrypt"], "k": master["mac"]["k"], "r": master["mac"]["r"]}
    return {name: base64.b64decode(part) for name, part in parts.items()}


def below(most):
    return int(random.random() * most)


def any_policy():
    """Not all zero: then restic would keep everything."""
    while True:
        counts = {rule: 1 + below(random.choice([3, 8, 24])) for rule in RULES if random.random() < 0.5}
        if counts:
            return counts


def any_history():
    """Minutes since 1970, newest first: from dense to sparse, some just at or before the turn of an hour, day, week or year."""
    scale, time = random.choice([60, 1440, 10_080, 44_640, 527_040]), 28_000_000 + below(3_000_000)
    turns = [60, 1440, 10_080]
    times = {time}
    for _ in range(1 + below(29)):
        time -= 1 + int(scale ** (1.2 * random.random()))
        if random.random() < 0.2:
            turn = random.choice(turns)
            time -= time % turn + random.choice([0, 1])
        times.add(time)
    return sorted((time for time in times if time >= 0), reverse=True)


def kept(key, policy, histories):
    folder = REPO / "snapshots"
    for old in folder.iterdir():
        old.unlink()
    for host, times in enumerate(histories):
        for time in times:
            stamp = datetime.fromtimestamp(time * 60, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
            snapshot = {"time": stamp, "tree": "00" * 32, "paths": ["/x"], "hostname": str(host), "uid": 0, "gid": 0}
            data = seal(key, json.dumps(snapshot).encode())
            (folder / hashlib.sha256(data).hexdigest()).write_bytes(data)
    options = [f"--keep-{rule}={count}" for rule, count in policy.items()]
    groups = json.loads(restic("forget", "--dry-run", "--group-by", "host", *options))
    answers = {}
    for group in groups:
        stamps = (datetime.fromisoformat(snapshot["time"].replace("Z", "+00:00")) for snapshot in group["keep"])
        times = histories[int(group["host"])]
        answers[int(group["host"])] = sorted(times.index(int(stamp.timestamp()) // 60) for stamp in stamps)
    return [answers[host] for host in range(len(histories))]


def line(policy, times, keep):
    counts = " ".join(f"{rule}={count}" for rule, count in policy.items())
    gaps = [times[0]] + [newer - older for newer, older in zip(times, times[1:])]
    return f"{counts}; {' '.join(map(str, gaps))}; {' '.join(map(str, keep))}\n"


def main():
    random.seed(14)
    restic("init")
    key = master_key()
    lines = []
    for _ in range(POLICIES):
        policy, histories = any_policy(), [any_history() for _ in range(HISTORIES)]
        lines += map(line, [policy] * HISTORIES, histories, kept(key, policy, histories))
    OUTPUT.write_text("".join(lines))


main()
