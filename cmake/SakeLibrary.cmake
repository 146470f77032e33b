# sake_add_library: one library per folder. sake_precompile_caf: CAF's headers, read once.

# What `#include <sake/…>` finds in the build tree, in the same place as once installed: links to the
# folders, and for each header of the test kit one in sake/testing/ that leads there. Our own headers and
# sources include each other by relative paths, which need none of this.
set(SAKE_INCLUDE_DIR "${PROJECT_BINARY_DIR}/include")
file(MAKE_DIRECTORY "${SAKE_INCLUDE_DIR}/sake")
foreach(_sake_folder IN ITEMS http routing actors runtime)
  file(CREATE_LINK "${PROJECT_SOURCE_DIR}/${_sake_folder}" "${SAKE_INCLUDE_DIR}/sake/${_sake_folder}"
    SYMBOLIC)
endforeach()
file(CREATE_LINK "${PROJECT_SOURCE_DIR}/runtime/sake.hpp" "${SAKE_INCLUDE_DIR}/sake/sake.hpp" SYMBOLIC)
file(CREATE_LINK "${PROJECT_SOURCE_DIR}/actors/actors.hpp" "${SAKE_INCLUDE_DIR}/sake/actors.hpp" SYMBOLIC)
file(GLOB _sake_headers CONFIGURE_DEPENDS RELATIVE "${PROJECT_SOURCE_DIR}/runtime/testing"
  "${PROJECT_SOURCE_DIR}/runtime/testing/*.hpp")
if(IS_SYMLINK "${SAKE_INCLUDE_DIR}/sake/testing")
  # An earlier Sake had a link to the sources here; what is written below would go through it.
  file(REMOVE "${SAKE_INCLUDE_DIR}/sake/testing")
endif()
foreach(_sake_header IN LISTS _sake_headers)
  file(CONFIGURE OUTPUT "${SAKE_INCLUDE_DIR}/sake/testing/${_sake_header}"
    CONTENT "#include <sake/runtime/testing/@_sake_header@>\n" @ONLY)
endforeach()
unset(_sake_folder)
unset(_sake_header)
unset(_sake_headers)

# sake_add_library(<folder> [HARDENED] [SMALL] [SMALL_SOURCES <file>…]
#                  [PUBLIC <target>…] [PRIVATE <target>…] [HEADER_ONLY <target>…])
#
# Defines sake_<folder>, alias sake::<folder>, from every .cpp below the current folder, but for those
# in a folder that builds itself.
# HARDENED has the standard library check its preconditions in a sanitizer's build; CAF does not meet
# them all. SMALL, or SMALL_SOURCES for some, are off the path of a request, and optimised for size in a
# release: a server needs them at its start and end. HEADER_ONLY names what only our sources include: a program that links us need not find it.
function(sake_add_library folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "HARDENED;SMALL" "" "SMALL_SOURCES;PUBLIC;PRIVATE;HEADER_ONLY")
  set(target sake_${folder})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cpp)
  file(GLOB others CONFIGURE_DEPENDS */CMakeLists.txt)
  foreach(other IN LISTS others)
    cmake_path(GET other PARENT_PATH other)
    list(FILTER sources EXCLUDE REGEX "^${other}/")
  endforeach()

  if(sources)
    add_library(${target} ${sources})
    set(scope PUBLIC)
    foreach(dependency IN LISTS arg_HEADER_ONLY)
      target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:${dependency}>)
    endforeach()
    target_link_libraries(${target} PRIVATE ${arg_PRIVATE})
    target_compile_options(${target} PRIVATE ${SAKE_LTO_OPTIONS} ${SAKE_SECTION_OPTIONS})
    target_link_options(${target} PUBLIC ${SAKE_SECTION_LINK_OPTIONS})
    if(arg_SMALL)
      target_compile_options(${target} PRIVATE ${SAKE_SMALL_OPTIONS})
    elseif(arg_SMALL_SOURCES AND SAKE_SMALL_OPTIONS)
      # They cannot use what was precompiled for speed.
      set_source_files_properties(${arg_SMALL_SOURCES} PROPERTIES
        COMPILE_OPTIONS "${SAKE_SMALL_OPTIONS}" SKIP_PRECOMPILE_HEADERS ON)
    endif()
    if(SAKE_JOIN_LIBRARIES AND SAKE_GCC)
      target_compile_options(${target} PRIVATE -Wno-subobject-linkage) # it is silent in a main file only
    endif()
    if(arg_HARDENED AND SAKE_SANITIZE)
      target_compile_definitions(${target} PRIVATE _GLIBCXX_ASSERTIONS)
    endif()
    set_target_properties(${target} PROPERTIES
      VERSION ${PROJECT_VERSION}
      SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
      UNITY_BUILD ${SAKE_JOIN_LIBRARIES}
      UNITY_BUILD_BATCH_SIZE 5
      EXCLUDE_FROM_ALL ${SAKE_FUZZ})
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()

  add_library(sake::${folder} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${folder})
  target_compile_features(${target} ${scope} cxx_std_20)
  target_include_directories(${target} ${scope}
    $<BUILD_INTERFACE:${SAKE_INCLUDE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_link_libraries(${target} ${scope} ${arg_PUBLIC})
endfunction()

# sake_precompile_caf(<target> [<header>…])
#
# Reads CAF's heavy headers, and those named, once for all sources of the target. Each source still
# includes what it uses.
function(sake_precompile_caf target)
  get_target_property(type ${target} TYPE)
  if(type STREQUAL "INTERFACE_LIBRARY")
    return()
  endif()
  target_precompile_headers(${target} PRIVATE
    <caf/actor_system.hpp>
    <caf/actor_system_config.hpp>
    <caf/blocking_actor.hpp>
    <caf/event_based_actor.hpp>
    <caf/scoped_actor.hpp>
    <caf/typed_actor.hpp>
    <caf/typed_event_based_actor.hpp>
    ${ARGN})
endfunction()
