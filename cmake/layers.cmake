# SPDX-License-Identifier: BSD-3-Clause
# A layer is a folder, a static library and a view: build/include-<layer>/cairn/<layer> → the folder. A target sees the
# views of the layers that it links, so that an include that points upwards does not compile.

set(CAIRN_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wconversion -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  list(APPEND CAIRN_WARNINGS -Wno-restrict)  # gcc 12 sees overlaps inside its own std::string operator+
endif()

# cairn_view(<layer> [FILE <header>...] [FOLDER])  makes the view and sets CAIRN_VIEW_<layer>.
function(cairn_view layer)
  cmake_parse_arguments(ARG "FOLDER" "" "FILE" ${ARGN})
  set(view ${PROJECT_BINARY_DIR}/include-${layer})
  file(MAKE_DIRECTORY ${view}/cairn)
  foreach(header ${ARG_FILE})
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${header} ${view}/cairn/${header} SYMBOLIC)
  endforeach()
  if(ARG_FOLDER)
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${layer} ${view}/cairn/${layer} SYMBOLIC)
  endif()
  set(CAIRN_VIEW_${layer} ${view} PARENT_SCOPE)
endfunction()

# The compiler flags that all of our own code is built with.
function(cairn_flags target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(${target} PRIVATE ${CAIRN_WARNINGS})
  if(CAIRN_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${CAIRN_SANITIZE} -fno-omit-frame-pointer -g1)
    target_link_options(${target} PUBLIC -fsanitize=${CAIRN_SANITIZE})
    if(CAIRN_SANITIZE MATCHES "thread")  # fences order what another process reads, which it cannot see
      target_compile_options(${target} PRIVATE -Wno-tsan)
    endif()
  endif()
endfunction()

# For code that is compiled where it runs: examples, benchmarks.
function(cairn_native target)
  if(CAIRN_NATIVE)
    target_compile_options(${target} PRIVATE -march=native)
  endif()
endfunction()

# cairn_layer(<layer> SOURCES … LINKS … PRIVATE_LINKS … [FILE header…])
function(cairn_layer layer)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE_LINKS;FILE" ${ARGN})
  cairn_view(${layer} FOLDER FILE ${ARG_FILE})
  add_library(cairn_${layer} STATIC ${ARG_SOURCES})
  add_library(cairn::${layer} ALIAS cairn_${layer})
  cairn_flags(cairn_${layer})
  target_include_directories(cairn_${layer} PUBLIC $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include-${layer}>
                                                   $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(cairn_${layer} PUBLIC ${ARG_LINKS} PRIVATE ${ARG_PRIVATE_LINKS})
  set_target_properties(cairn_${layer} PROPERTIES EXPORT_NAME ${layer} POSITION_INDEPENDENT_CODE ON)
endfunction()
