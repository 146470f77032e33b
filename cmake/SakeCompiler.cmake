# Flags for every target below this project, and for none outside it.

if(NOT CMAKE_CXX_COMPILER_ID MATCHES "^(GNU|Clang)$")
  message(FATAL_ERROR "Sake needs GCC or Clang; found ${CMAKE_CXX_COMPILER_ID}")
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(SAKE_GCC TRUE)
endif()

# ---- warnings ---------------------------------------------------------------------------------

add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wcast-align -Wcast-qual -Wformat=2 -Wextra-semi
  -Wimplicit-fallthrough)
if(SAKE_GCC)
  add_compile_options(-Wduplicated-cond -Wlogical-op -Wredundant-decls)
  # These follow the inlined insides of std::string and misjudge a move, a comparison, or
  # `"literal" + string` (GCC bugs 105329, 105562, 105651). The sanitizers find what they are for. The
  # link-time optimiser repeats the analysis, with the flags of the link.
  set(misjudging -Wno-array-bounds -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow
    -Wno-stringop-overread)
  add_compile_options(${misjudging})
  add_link_options(${misjudging})
endif()
if(SAKE_WERROR)
  add_compile_options(-Werror)
endif()

# ---- definitions ------------------------------------------------------------------------------

add_compile_definitions(BOOST_ASIO_NO_DEPRECATED)

# ---- sanitizers and coverage ------------------------------------------------------------------

if(SAKE_SANITIZE)
  add_compile_options(-fsanitize=${SAKE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SAKE_SANITIZE})
  if(SAKE_SANITIZE MATCHES "undefined")
    # Asks the kernel through pipes whether an object is one, and so reports what is not there where
    # a test runs out of descriptors. It also dislikes the lists of CAF 0.17.6.
    add_compile_options(-fno-sanitize=vptr)
    if(NOT SAKE_GCC)
      # What it writes before a function, Clang 14 also writes before the parts of a coroutine, and
      # cannot assemble that.
      add_compile_options(-fno-sanitize=function)
      add_compile_options(
        "-fsanitize-ignorelist=${PROJECT_SOURCE_DIR}/tests/sanitizers/ubsan.ignore")
    endif()
  endif()
  if(SAKE_SANITIZE MATCHES "thread")
    # Asio orders its handlers by locks already; its extra fences are what TSan cannot follow.
    add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
endif()

if(SAKE_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic)
  add_link_options(--coverage)
endif()

# ---- link-time optimisation -------------------------------------------------------------------

# The archives carry machine code beside what the link-time optimiser reads, so that a program can
# be linked with it or without (-fno-lto), and so that what we install needs no particular linker.
if(SAKE_LTO AND NOT SAKE_GCC)
  message(STATUS "SAKE_LTO is for GCC; ignored")
elseif(SAKE_LTO AND NOT BUILD_SHARED_LIBS)
  set(SAKE_LTO_OPTIONS -flto=auto -ffat-lto-objects)
  set(SAKE_NO_LTO_LINK_OPTIONS -fno-lto)
endif()

# ---- size -------------------------------------------------------------------------------------

# What a program does not use of a library stays out of it. What is optimised for size takes no part in
# link-time optimisation: there its copies of inline functions would replace those optimised for speed.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(SAKE_SECTION_OPTIONS -ffunction-sections -fdata-sections)
  set(SAKE_SECTION_LINK_OPTIONS LINKER:--gc-sections)
  set(SAKE_SMALL_OPTIONS -Os -fno-lto)
endif()

# ---- ccache -----------------------------------------------------------------------------------

find_program(SAKE_CCACHE ccache)
mark_as_advanced(SAKE_CCACHE)
if(SAKE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The sloppiness is what ccache asks for where headers are precompiled. In depend mode it does not
  # preprocess what it has to compile anyway.
  set(CMAKE_CXX_COMPILER_LAUNCHER
    "${CMAKE_COMMAND}" -E env CCACHE_DEPEND=1
    CCACHE_SLOPPINESS=pch_defines,time_macros "${SAKE_CCACHE}")
  if(SAKE_GCC)
    add_compile_options(-fpch-preprocess)
  else()
    add_compile_options("SHELL:-Xclang -fno-pch-timestamp")
  endif()
endif()
