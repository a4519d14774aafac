# m2c_add_model(TARGET MODEL.onnx [NAME name] [MARCH march] [WEIGHTS embed|file|inline] [DIMS name=8 ...]
#               [SHAPES input:1x3x224x224 ...] [OPTIONS ...])
#
# A static library TARGET of the C++ that m2c generates from MODEL.onnx. Who links it can include <NAME.h> (NAME: TARGET
# unless given), with the class in namespace NAME and the C functions NAME_... . MARCH is for the generated file alone
# (native unless given). With WEIGHTS file, the file's path is the target's property M2C_WEIGHTS_FILE.
function(m2c_add_model target model)
  cmake_parse_arguments(PARSE_ARGV 2 ARG "" "NAME;MARCH;WEIGHTS" "DIMS;SHAPES;OPTIONS")
  if(ARG_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "m2c_add_model(${target}): unknown arguments: ${ARG_UNPARSED_ARGUMENTS}")
  endif()
  get_filename_component(model ${model} ABSOLUTE)
  if(NOT ARG_NAME)
    string(MAKE_C_IDENTIFIER ${target} ARG_NAME)
  endif()
  if(NOT ARG_MARCH)
    set(ARG_MARCH native)
  endif()
  set(options --quiet --name ${ARG_NAME} --march ${ARG_MARCH} ${ARG_OPTIONS})
  if(ARG_WEIGHTS)
    list(APPEND options --weights ${ARG_WEIGHTS})
  endif()
  foreach(dim ${ARG_DIMS})
    list(APPEND options --dim ${dim})
  endforeach()
  foreach(shape ${ARG_SHAPES})
    list(APPEND options --shape ${shape})
  endforeach()

  set(folder ${CMAKE_CURRENT_BINARY_DIR}/m2c/${target})
  set(source ${folder}/${ARG_NAME}.cpp)
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(
    OUTPUT ${source} ${folder}/${ARG_NAME}.h
    BYPRODUCTS ${folder}/${ARG_NAME}.weights
    COMMAND m2c::m2c convert ${model} -o ${source} ${options}
    DEPENDS ${model} m2c::m2c
    COMMENT "Converting ${model}"
    VERBATIM)
  add_library(${target} STATIC ${source})
  target_include_directories(${target} PUBLIC ${folder}) # also where the assembler finds embedded weights
  target_compile_features(${target} PUBLIC cxx_std_17)
  find_package(Threads REQUIRED)
  target_link_libraries(${target} PUBLIC Threads::Threads)
  # -O2 also in a debug build: a model without optimisation is a hundred times slower.
  set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "-O2;-march=${ARG_MARCH}")
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON M2C_WEIGHTS_FILE ${folder}/${ARG_NAME}.weights)
endfunction()
