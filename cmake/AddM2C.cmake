# The flags of every target of the compiler, and the few functions its CMakeLists.txt files use.

add_library(m2c_options INTERFACE)
target_include_directories(m2c_options SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
target_include_directories(m2c_options INTERFACE ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include)
separate_arguments(llvm_definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
target_compile_options(m2c_options INTERFACE ${llvm_definitions} -Wall -Wextra -Werror -Wno-unused-parameter)
if(CMAKE_CXX_COMPILER_ID STREQUAL Clang)
  add_compile_options("SHELL:-Xclang -fno-pch-timestamp") # so that ccache finds its precompiled headers again
endif()
if(M2C_SANITIZE)
  set(M2C_SANITIZE_FLAGS -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_compile_options(m2c_options INTERFACE ${M2C_SANITIZE_FLAGS})
  target_link_options(m2c_options INTERFACE ${M2C_SANITIZE_FLAGS})
endif()
find_program(M2C_LLD NAMES ld.lld HINTS ${LLVM_TOOLS_BINARY_DIR} NO_DEFAULT_PATH)
if(M2C_LLD)
  target_link_options(m2c_options INTERFACE -B${LLVM_TOOLS_BINARY_DIR} -fuse-ld=lld)
endif()

# mlir_tablegen takes its -I from the folder's include_directories.
include_directories(SYSTEM ${MLIR_INCLUDE_DIRS})
include_directories(include)

add_custom_target(m2c-headers)

# add_m2c_library(name SOURCE... LINK target...): a static library that uses MLIR, with the shared precompiled header.
function(add_m2c_library name)
  cmake_parse_arguments(ARG "" "" "LINK;PRIVATE_LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  add_dependencies(${name} m2c-headers)
  target_link_libraries(${name} PUBLIC m2c_options ${ARG_LINK} MLIR LLVM PRIVATE ${ARG_PRIVATE_LINK})
  target_precompile_headers(${name} REUSE_FROM m2c_pch)
endfunction()

# The MLIR headers that nearly every file includes, parsed once.
file(WRITE ${PROJECT_BINARY_DIR}/pch.cpp "")
add_library(m2c_pch STATIC ${PROJECT_BINARY_DIR}/pch.cpp)
target_link_libraries(m2c_pch PUBLIC m2c_options)
target_precompile_headers(m2c_pch PRIVATE <mlir/IR/Builders.h> <mlir/IR/BuiltinOps.h> <mlir/IR/PatternMatch.h>
  <mlir/Pass/Pass.h> <mlir/Dialect/Linalg/IR/Linalg.h> <mlir/Dialect/Tensor/IR/Tensor.h>
  <mlir/Dialect/Arith/IR/Arith.h> <mlir/Dialect/Func/IR/FuncOps.h> <mlir/Dialect/MemRef/IR/MemRef.h>)

# add_m2c_dialect(Name namespace): tablegen of <Name>Ops.td and <Name>Interfaces.td in the current folder.
function(add_m2c_dialect name namespace)
  set(LLVM_TARGET_DEFINITIONS ${name}Ops.td)
  mlir_tablegen(${name}Ops.h.inc -gen-op-decls)
  mlir_tablegen(${name}Ops.cpp.inc -gen-op-defs)
  mlir_tablegen(${name}Dialect.h.inc -gen-dialect-decls -dialect=${namespace})
  mlir_tablegen(${name}Dialect.cpp.inc -gen-dialect-defs -dialect=${namespace})
  set(LLVM_TARGET_DEFINITIONS ${name}Interfaces.td)
  mlir_tablegen(${name}Interfaces.h.inc -gen-op-interface-decls)
  mlir_tablegen(${name}Interfaces.cpp.inc -gen-op-interface-defs)
  add_public_tablegen_target(M2C${name}IncGen)
  add_dependencies(m2c-headers M2C${name}IncGen)
endfunction()

# add_m2c_passes(Stage): tablegen of <Stage>/Passes.td in the current folder.
function(add_m2c_passes stage)
  set(LLVM_TARGET_DEFINITIONS Passes.td)
  mlir_tablegen(Passes.h.inc -gen-pass-decls -name=${stage})
  add_public_tablegen_target(M2C${stage}PassesIncGen)
  add_dependencies(m2c-headers M2C${stage}PassesIncGen)
endfunction()
