# sake_catch: what a test program links, Catch2 with its main.
#
# The main of version 2 is large and not what we test: no optimiser, no sanitizer. The command is the
# same in every preset, so that ccache has one of them compile it for all.

include_guard(GLOBAL)
find_package(Catch2 REQUIRED)

find_program(SAKE_PLAIN_CXX NAMES c++ "${CMAKE_CXX_COMPILER}" REQUIRED)
mark_as_advanced(SAKE_PLAIN_CXX)
get_target_property(_sake_catch_include Catch2::Catch2 INTERFACE_INCLUDE_DIRECTORIES)
list(REMOVE_ITEM _sake_catch_include ${CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES})
list(TRANSFORM _sake_catch_include PREPEND -I)
set(_sake_catch_main "${PROJECT_BINARY_DIR}/catch_main.o")
add_custom_command(OUTPUT "${_sake_catch_main}"
  COMMAND ${CMAKE_CXX_COMPILER_LAUNCHER} "${SAKE_PLAIN_CXX}" -std=c++20 -O0 -g0 ${_sake_catch_include}
    -c "${CMAKE_CURRENT_LIST_DIR}/catch_main.cpp" -o "${_sake_catch_main}"
  DEPENDS "${CMAKE_CURRENT_LIST_DIR}/catch_main.cpp"
  COMMENT "Building Catch2's main"
  VERBATIM)
add_library(sake_catch STATIC "${_sake_catch_main}")
set_target_properties(sake_catch PROPERTIES LINKER_LANGUAGE CXX)
target_link_libraries(sake_catch PUBLIC Catch2::Catch2)
unset(_sake_catch_include)
unset(_sake_catch_main)
