# SPDX-License-Identifier: BSD-3-Clause
# cmake --install: libraries, headers as <cairn/<layer>/…>, and the package that find_package(cairn) finds.
# Components: development (libraries, headers, package) and program (the command line).
if(NOT PROJECT_IS_TOP_LEVEL)
  return()
endif()
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/cairn)

foreach(layer words ${CAIRN_LAYERS})
  install(TARGETS cairn_${layer} EXPORT cairnTargets COMPONENT development ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
endforeach()
foreach(layer ${CAIRN_LAYERS})
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${layer}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cairn/${layer}
          COMPONENT development FILES_MATCHING PATTERN "*.hpp")
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/words.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cairn COMPONENT development)
if("core" IN_LIST CAIRN_LAYERS)
  install(FILES ${PROJECT_SOURCE_DIR}/cairn.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/cairn COMPONENT development)
endif()

install(EXPORT cairnTargets NAMESPACE cairn:: DESTINATION ${package_folder} COMPONENT development)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/cairnConfig.cmake.in ${PROJECT_BINARY_DIR}/cairnConfig.cmake
                              INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/cairnConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/cairnConfig.cmake ${PROJECT_BINARY_DIR}/cairnConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/FindHDF5Serial.cmake
        DESTINATION ${package_folder} COMPONENT development)
