# SPDX-License-Identifier: BSD-3-Clause
# cmake -D BUILD=<cairn's build folder> -D WORK=<folder to use> -D CXX=<compiler> -D GENERATOR=<generator>
#       -P consumer_test.cmake

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT code EQUAL 0)
    list(JOIN ARGN " " line)
    message(FATAL_ERROR "${line}\nended with ${code}:\n${text}")
  endif()
endfunction()

function(build_and_run project)
  run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/${project} -B ${WORK}/${project} -G ${GENERATOR}
      -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_PREFIX_PATH=${WORK}/prefix ${ARGN})
  run(${CMAKE_COMMAND} --build ${WORK}/${project})
  run(${CMAKE_COMMAND} -E chdir ${WORK}/${project} ./${project})
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix --component development)
build_and_run(with_core)
set(without_packages "")
foreach(package Threads fmt spdlog nlohmann_json Boost yaml-cpp PkgConfig)
  list(APPEND without_packages -DCMAKE_DISABLE_FIND_PACKAGE_${package}=ON)
endforeach()
build_and_run(with_schedulers ${without_packages})
file(REMOVE_RECURSE ${WORK})
