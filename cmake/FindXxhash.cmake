# SPDX-License-Identifier: BSD-3-Clause
# xxHash as a header: it is inlined into storage/checksum.cpp, nothing is linked.
find_path(CAIRN_XXHASH_INCLUDE xxhash.h)
if(NOT CAIRN_XXHASH_INCLUDE)
  message(FATAL_ERROR "xxhash.h is not there; on Debian: apt-get install libxxhash-dev")
endif()
