# SPDX-License-Identifier: BSD-3-Clause
# The serial HDF5 library and its high-level part, by pkg-config: CMake's own module takes the MPI build where both are there.
find_package(PkgConfig REQUIRED)
foreach(name hdf5-serial hdf5)
  if(NOT TARGET PkgConfig::HDF5_SERIAL)
    pkg_check_modules(HDF5_SERIAL QUIET IMPORTED_TARGET ${name})
  endif()
endforeach()
if(NOT TARGET PkgConfig::HDF5_SERIAL)
  message(FATAL_ERROR "HDF5 (serial) is not there; on Debian: apt-get install libhdf5-dev")
endif()
find_library(CAIRN_HDF5_HL NAMES hdf5_serial_hl hdf5_hl HINTS ${HDF5_SERIAL_LIBRARY_DIRS} REQUIRED)
