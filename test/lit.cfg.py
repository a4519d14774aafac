# lit's configuration: .mlir files run m2c-opt through FileCheck, .test files run the m2c tool.
import os
import platform
import shutil

import lit.formats

config.name = "m2c"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["Inputs", "Runtime", "Unit", "Benchmark"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = config.m2c_obj_root

path = [config.m2c_bin_dir, config.llvm_tools_dir, os.environ["PATH"]]
config.environment["PATH"] = os.pathsep.join(path)
config.environment["FILECHECK_OPTS"] = "--allow-unused-prefixes=false"
config.environment["XDG_CACHE_HOME"] = os.path.join(config.m2c_obj_root, "cache")
for name in ("CCACHE_DIR", "CCACHE_BASEDIR", "HOME", "ASAN_OPTIONS", "UBSAN_OPTIONS"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

config.substitutions.append(("%python", config.m2c_python))
config.substitutions.append(("%build", config.m2c_build_dir))
config.substitutions.append(("%bin", config.m2c_bin_dir))
config.substitutions.append(("%models", config.m2c_models))
config.substitutions.append(("%source", config.m2c_source_dir))
config.substitutions.append(("%cxx", config.m2c_cxx))
config.substitutions.append(("%sanitize", "-fsanitize=address,undefined -fno-sanitize-recover=all"))
config.substitutions.append(("%expect", f"{config.m2c_python} {config.test_source_root}/Tool/Inputs/expect.py"))

if config.m2c_sanitize:
    config.available_features.add("sanitize")
    # What the sanitizers find ends with a status that no test expects; options of the environment come last and win.
    for name, options in (("ASAN_OPTIONS", "exitcode=99"), ("UBSAN_OPTIONS", "exitcode=99:print_stacktrace=1")):
        config.environment[name] = ":".join(filter(None, (options, os.environ.get(name))))
    config.excludes += ["Models", "Conformance"]  # what the sanitized compiler writes is the same; Tool converts every model
if shutil.which("nvcc"):
    config.available_features.add("nvcc")
config.available_features.add(platform.machine())
