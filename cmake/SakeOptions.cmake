# What a user may choose. The table is in cmake/README.md.

option(SAKE_BUILD_TESTS "Build the tests" ${PROJECT_IS_TOP_LEVEL})
option(SAKE_BUILD_EXAMPLES "Build the examples" ${PROJECT_IS_TOP_LEVEL})
option(SAKE_BUILD_BENCH "Build the bench servers and micro-benchmarks" ${PROJECT_IS_TOP_LEVEL})
option(SAKE_JOIN_TESTS "Compile several sources of a test program at a time" OFF)
option(SAKE_JOIN_LIBRARIES "Compile several sources of a library at a time" OFF)
option(SAKE_INSTALL "Install headers, libraries and package files" ${PROJECT_IS_TOP_LEVEL})
option(SAKE_WERROR "Treat warnings in Sake's own code as errors" OFF)
option(SAKE_LTO "Optimise across the libraries at link time (GCC)" OFF)
option(SAKE_FUZZ "Build the fuzz targets with libFuzzer, and no other test (clang)" OFF)
option(SAKE_COVERAGE "Count the lines that run" OFF)
option(BUILD_SHARED_LIBS "Build shared libraries instead of static ones" OFF)
set(SAKE_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them: address,undefined or thread")

if(PROJECT_IS_TOP_LEVEL)
  get_property(_sake_multi_config GLOBAL PROPERTY GENERATOR_IS_MULTI_CONFIG)
  if(NOT CMAKE_BUILD_TYPE AND NOT _sake_multi_config)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
  endif()
  unset(_sake_multi_config)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
# There are no modules to look for.
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
