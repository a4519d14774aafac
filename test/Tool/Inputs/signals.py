"""signals.py MODEL TEMP_DIR TEST...: ends m2c by signals or a lack of memory, and looks at what it says and leaves.

TEST is one of crashes, interrupts, file_size, memory.
"""
import bisect
import itertools
import pathlib
import resource
import shutil
import signal
import subprocess
import sys

model, temp = sys.argv[1], pathlib.Path(sys.argv[2])
CRASHES = ("SEGV", "ABRT", "BUS", "FPE", "ILL")
INTERRUPTS = ("INT", "TERM", "HUP")


def run(command, problem_of, **options):
    """Runs m2c in an empty folder with a temporary folder of its own; both must be empty afterwards."""
    shutil.rmtree(temp, ignore_errors=True)
    work, temporary = temp / "work", temp / "tmp"
    work.mkdir(parents=True)
    temporary.mkdir()
    environment = {"TMPDIR": str(temporary), **options.pop("env", {})}
    command = ["/usr/bin/env", *(f"{name}={value}" for name, value in environment.items()), "m2c", *command]
    limits = options.pop("limits", ())

    def prepare():
        for name in CRASHES + INTERRUPTS:  # who runs the tests may ignore some
            signal.signal(getattr(signal, "SIG" + name), signal.SIG_DFL)
        for kind, value in limits:
            resource.setrlimit(kind, (value, resource.getrlimit(kind)[1]))

    done = subprocess.run(command, cwd=work, stderr=subprocess.PIPE, text=True, timeout=100, preexec_fn=prepare, **options)
    problem = problem_of(done)
    if problem is None and done.returncode != 0:
        left = [str(path.relative_to(temp)) for folder in (work, temporary) for path in folder.rglob("*")]
        problem = f"left behind: {' '.join(left)}" if left else None
    if problem:
        sys.exit(f"{' '.join(command)}: {problem}\n{done.stderr}")
    return done


def compiler(text):
    """A compiler that starts to write and then runs `text`."""
    path = temp.parent / "compiler.sh"
    path.write_text(f"#!/bin/sh\nfor out; do :; done\ntrap 'rm -f \"$out\"; exit 1' INT TERM HUP\n: >\"$out\"\n{text}\n")
    path.chmod(0o755)
    return {"CXX": str(path)}


def test_crashes():
    """While the compiler runs, m2c has a temporary folder with the sources in it."""
    for name in CRASHES:
        def problem_of(done, name=name):
            if done.returncode != 4:
                return f"SIG{name} ended with status {done.returncode}, not 4"
            text = f"internal error: m2c was ended by SIG{name}; this is a mistake of m2c, please report it with the model\n"
            return None if done.stderr == text else "another message"

        run(["build", model, "-o", "program"], problem_of, env=compiler(f"kill -{name} $PPID\nwhile :; do sleep 0.1; done"))


def test_interrupts():
    for name in INTERRUPTS:
        number = getattr(signal, "SIG" + name)

        def problem_of(done, number=number):
            return None if done.returncode == -number and done.stderr == "" else f"{number} ended with {done.returncode}"

        run(["build", model, "-o", "program"], problem_of, env=compiler(f"kill -{name} $PPID\nwhile :; do sleep 0.1; done"))


def test_file_size():
    """A file that may not grow is an error like any other."""
    run(["convert", model, "-o", "out.cpp"],
        lambda done: None if done.returncode == 1 and "error: cannot write 'out.cpp': File too large" in done.stderr else "no error",
        limits=[(resource.RLIMIT_FSIZE, 4096)])


def test_memory():
    """From just enough memory for m2c's libraries to load (less ends with 127) to enough for the model."""
    def status(megabytes):
        def problem_of(done):
            if done.returncode == 4:
                return None if done.stderr.startswith("internal error: ") and "please report" in done.stderr else "another message"
            return None if done.returncode in (0, 127) else f"status {done.returncode} with {megabytes} MB"

        limits = [(resource.RLIMIT_AS, megabytes << 20)]
        return run(["convert", model, "-q", "-o", "out.cpp"], problem_of, limits=limits).returncode

    loads = 100 + bisect.bisect_left(range(100, 1000), True, key=lambda megabytes: status(megabytes) != 127)
    statuses = list(itertools.takewhile(lambda code: code != 0, (status(loads + more) for more in range(200))))
    if 4 not in statuses or len(statuses) == 200:
        sys.exit(f"statuses from {loads} MB on: {statuses}")


for test in sys.argv[3:]:
    globals()["test_" + test]()
    print("ok", test)
