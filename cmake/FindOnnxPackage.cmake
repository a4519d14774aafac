# Finds a Python with the onnx package (scripts/install-deps makes one) and the onnx-ml.proto in it:
#   M2C_PYTHON   the interpreter, also used by the tests
#   ONNX_PROTO   onnx-ml.proto; -DONNX_PROTO=... overrides
if(DEFINED ENV{M2C_VENV})
  set(venv $ENV{M2C_VENV})
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(venv $ENV{XDG_CACHE_HOME}/m2c/venv)
else()
  set(venv $ENV{HOME}/.cache/m2c/venv)
endif()
find_program(M2C_PYTHON NAMES python3 HINTS ${venv}/bin DOC "a Python with onnx, numpy and onnxruntime")
if(NOT ONNX_PROTO AND M2C_PYTHON)
  execute_process(COMMAND ${M2C_PYTHON} -c "import importlib.util; print(importlib.util.find_spec('onnx').submodule_search_locations[0])"
                  OUTPUT_VARIABLE folder OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(EXISTS ${folder}/onnx-ml.proto)
    set(ONNX_PROTO ${folder}/onnx-ml.proto CACHE FILEPATH "the ONNX format's protobuf schema")
  endif()
endif()
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(OnnxPackage REQUIRED_VARS M2C_PYTHON ONNX_PROTO
                                  REASON_FAILURE_MESSAGE "run scripts/install-deps, or give -DONNX_PROTO=.../onnx-ml.proto")
