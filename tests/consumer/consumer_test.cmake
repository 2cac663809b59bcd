# SPDX-License-Identifier: BSD-3-Clause
# cmake -D SOURCE=<cairn's sources> -D BUILD=<cairn's build folder> -D WORK=<folder to use> -D CXX=<compiler>
#       -D GENERATOR=<generator>
#       -P consumer_test.cmake

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT code EQUAL 0)
    list(JOIN ARGN " " line)
    message(FATAL_ERROR "${line}\nended with ${code}:\n${text}")
  endif()
endfunction()

function(build_and_run project prefix)
  file(REMOVE_RECURSE ${WORK}/${project})
  run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/${project} -B ${WORK}/${project} -G ${GENERATOR}
      -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_PREFIX_PATH=${WORK}/${prefix} ${ARGN})
  run(${CMAKE_COMMAND} --build ${WORK}/${project})
  run(${CMAKE_COMMAND} -E chdir ${WORK}/${project} ./${project})
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix --component development)
build_and_run(with_core prefix)
set(without_packages "")
foreach(package Threads fmt spdlog nlohmann_json Boost yaml-cpp PkgConfig)
  list(APPEND without_packages -DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON)
endforeach()
build_and_run(with_schedulers prefix ${without_packages})

# The schedules alone, from their sources, where nothing else is there.
run(${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK}/only -G ${GENERATOR} -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_BUILD_TYPE=Release
    -DCAIRN_ONLY_SCHEDULERS=ON ${without_packages} -DCMAKE_DISABLE_FIND_PACKAGE_GTest=ON
    -DCMAKE_DISABLE_FIND_PACKAGE_CLI11=ON -DCMAKE_DISABLE_FIND_PACKAGE_OpenMP=ON)
run(${CMAKE_COMMAND} --build ${WORK}/only)
run(${CMAKE_COMMAND} --install ${WORK}/only --prefix ${WORK}/only_prefix)
build_and_run(with_schedulers only_prefix ${without_packages})
file(GLOB_RECURSE more ${WORK}/only_prefix/*storage* ${WORK}/only_prefix/*core* ${WORK}/only_prefix/*cairn.hpp)
if(more)
  message(FATAL_ERROR "installed with CAIRN_ONLY_SCHEDULERS, and should not be: ${more}")
endif()
execute_process(COMMAND ${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/with_core -B ${WORK}/refused -G ${GENERATOR}
                        -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_PREFIX_PATH=${WORK}/only_prefix -DWITH_CORE_BY_NAME=ON
                RESULT_VARIABLE code ERROR_VARIABLE text OUTPUT_QUIET)
if(code EQUAL 0 OR NOT text MATCHES "build it without[ \n]+CAIRN_ONLY_SCHEDULERS")
  message(FATAL_ERROR "find_package of a core that is not there ended with ${code}:\n${text}")
endif()
file(REMOVE_RECURSE ${WORK})
