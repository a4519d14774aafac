# cmake --install: the tool, the kernels' headers and the CMake package.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

add_library(m2crt INTERFACE)
target_include_directories(m2crt INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                           $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_features(m2crt INTERFACE cxx_std_17)
set_target_properties(m2crt PROPERTIES EXPORT_NAME rt)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/m2c)
install(TARGETS m2c m2crt EXPORT m2cTargets RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(EXPORT m2cTargets NAMESPACE m2c:: DESTINATION ${package})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/m2crt DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
configure_package_config_file(${PROJECT_SOURCE_DIR}/lib/cmake/m2c/m2cConfig.cmake.in ${PROJECT_BINARY_DIR}/m2cConfig.cmake
                              INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/m2cConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/m2cConfig.cmake ${PROJECT_BINARY_DIR}/m2cConfigVersion.cmake
        ${PROJECT_SOURCE_DIR}/lib/cmake/m2c/m2cAddModel.cmake DESTINATION ${package})
