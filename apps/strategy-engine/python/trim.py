"""trim.py ROOT LIST_ROOT BEFORE: moves what was installed since BEFORE was listed below ROOT, without what no service
reads, and the list of installed packages below LIST_ROOT.

Left out are tests, type stubs, headers, static libraries, build tools, editors and manuals. What is left is then tried
out, and the modules that were loaded are compiled: a read-only container can never write bytecode, and pandas takes
three seconds to load without it.
"""

import json
import os
import py_compile
import re
import shutil
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

LEFT_OUT = re.compile(
    "|".join(
        (
            # Tests, and what only tests, documentation or compiling extensions need.
            r"/(numpy|pandas|dateutil|pytz|six)/(.*/)?tests/",
            r"/numpy/(f2py|distutils|doc|core/include|_core/include|core/lib|_core/lib)/",
            r"/numpy/(random/(_examples|lib)|_pyinstaller|typing)/",
            r"\.(pyi|pyx|pxd|h|hpp|c|cpp|a|la|exe|f90)$",
            # Parts of the standard library for developers, not for services.
            r"/python3[^/]*/(test|idlelib|tkinter|turtledemo|lib2to3|ensurepip|pydoc_data|distutils|venv)/",
            r"/python3[^/]*/(config-[^/]*|unittest|curses|dbm|wsgiref|sqlite3)/",
            r"/lib-dynload/(_tkinter|_curses|_dbm|_gdbm|_sqlite3|_test|nis|ossaudiodev|readline|xxlimited|_xx)[^/]*$",
            # The shared libraries that only those parts link to.
            r"/lib(sqlite3|db-|gdbm|readline|history|ncurses|panel|form|menu|tinfo|nsl|tirpc)[^/]*\.so[^/]*$",
            r"/python3[^/]*/(turtle|doctest|pdb|antigravity|this|imaplib|nntplib|poplib|smtpd|telnetlib|ftplib)\.py$",
            # A second copy of the time zones the image has anyway.
            r"/(pytz|dateutil)/zoneinfo/(?!__init__|rebuild|tzfile)",
            # Manuals, menus and maintainer tools.
            r"^/usr/(include|share/(doc|man|info|lintian|bug|binfmts|applications|pixmaps|python3|locale))/",
            r"^/usr/bin/(2to3|idle|pydoc|f2py|pygettext|pdb|py3clean|py3compile|py3versions|x86_64|aarch64)[^/]*$",
            r"/__pycache__/",
        )
    )
)

# What a worker does with pandas, so that every module it loads on the way is loaded here too.
TRIAL = """
import argparse, asyncio, datetime, decimal, json, logging, os, queue, signal, subprocess, sys, threading, traceback, zoneinfo
import numpy, pandas
series = pandas.Series([1.0, 2.0, 4.0], dtype="float64")
assert series.rolling(2).mean().iloc[-1] == 3.0
assert numpy.sign(series.diff().to_numpy()[1:]).sum() == 2.0
assert series.replace(1.0, numpy.nan).ffill().isna().sum() == 1
frame = pandas.DataFrame({"close": series}, index=pandas.to_datetime(["2024-01-01", "2024-01-02", "2024-01-03"], utc=True))
assert frame.resample("2D").last().shape == (2, 1)
assert pandas.read_json(__import__("io").StringIO(frame.reset_index(drop=True).to_json())).shape == (3, 1)
print(json.dumps([m.__file__ for m in list(sys.modules.values()) if getattr(m, "__file__", None)]))
"""


def installed_files():
    for folder, folders, files in os.walk("/"):
        if folder == "/":
            folders[:] = [f for f in folders if f not in ("proc", "sys", "dev", "tmp", "run")]
        links = [f for f in folders if os.path.islink(os.path.join(folder, f))]
        for name in files + links:
            yield os.path.join(folder, name)


def compile_module(path):
    # Unchecked: the image is the unit that changes, never a file in it, so no start compares time stamps.
    return py_compile.compile(path, doraise=True, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)


def copy_below(root, path):
    target = root + path
    parent = os.path.dirname(target)
    if not os.path.isdir(parent):
        os.makedirs(parent)
    shutil.copy2(path, target, follow_symlinks=False)


def give_one_time(root):
    """The same files are then the same layer, whenever they were installed."""
    for folder, folders, files in os.walk(root):
        for name in [".", *folders, *files]:
            os.utime(os.path.join(folder, name), (0, 0), follow_symlinks=False)


def main(root, list_root, before_list):
    with open(before_list, encoding="utf-8") as lines:
        before = set(lines.read().splitlines())
    added = [path for path in installed_files() if path not in before]
    kept = []
    for path in added:
        if LEFT_OUT.search(path):
            os.remove(path)
        else:
            kept.append(path)

    # Without what was just removed: a module that is missed fails this build, not the service.
    trial = subprocess.run([sys.executable, "-I", "-B", "-c", TRIAL], check=True, stdout=subprocess.PIPE)
    ours = set(kept)
    loaded = [path for path in json.loads(trial.stdout) if path.endswith(".py") and path in ours]
    with ProcessPoolExecutor() as pool:
        kept.extend(pool.map(compile_module, loaded, chunksize=32))

    for path in kept:
        copy_below(root, path)
    # The list of installed packages goes along, so that scanners see them; by itself, as it changes with every package
    # of the base, too.
    copy_below(list_root, "/lib/apk/db/installed")
    for folder in (root, list_root):
        give_one_time(folder)
    size = sum(os.path.getsize(p) for p in kept if not os.path.islink(p))
    print(f"{len(added) - len(kept) + len(loaded)} files left out, {len(kept)} kept, {size:,} bytes, {len(loaded)} modules compiled")


if __name__ == "__main__":
    main(*sys.argv[1:])
