# What `cmake --install` leaves behind: headers, libraries, a CMake package and .pc files.

if(NOT SAKE_INSTALL)
  return()
endif()

include(CMakePackageConfigHelpers)

set(_sake_package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/sake")

# ---- what is built -----------------------------------------------------------------------------

# The first step of the installation: what is not built stops it before anything is installed.
set(_sake_libraries sake_http sake_routing sake_actors sake_runtime sake_testing)
set(_sake_files "")
foreach(_sake_library IN LISTS _sake_libraries)
  get_target_property(_sake_type ${_sake_library} TYPE)
  if(NOT _sake_type STREQUAL "INTERFACE_LIBRARY")
    string(APPEND _sake_files " \"$<TARGET_FILE:${_sake_library}>\"")
  endif()
endforeach()
install(CODE "
  foreach(file IN ITEMS${_sake_files})
    if(NOT EXISTS \"\${file}\")
      message(FATAL_ERROR \"Nothing was installed, because \${file} is not built. Build first: \"
        \"cmake --build ${PROJECT_BINARY_DIR} --target sake_libraries\")
    endif()
  endforeach()")
add_custom_target(sake_libraries DEPENDS ${_sake_libraries})

# ---- headers and libraries --------------------------------------------------------------------

foreach(_sake_folder IN ITEMS http routing actors runtime)
  install(DIRECTORY "${_sake_folder}/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/sake/${_sake_folder}"
    FILES_MATCHING PATTERN "*.hpp" PATTERN "sake.hpp" EXCLUDE PATTERN "actors.hpp" EXCLUDE)
endforeach()
install(DIRECTORY "${SAKE_INCLUDE_DIR}/sake/testing" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/sake")
install(FILES runtime/sake.hpp actors/actors.hpp DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/sake")
install(TARGETS ${_sake_libraries} sake EXPORT sake)

if(SAKE_LTO_OPTIONS)
  # Link-time bytecode is good for one version of one compiler only; the machine code stays.
  install(CODE "
    file(GLOB archives \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/libsake_*.a\")
    foreach(archive IN LISTS archives)
      execute_process(COMMAND \"${CMAKE_OBJCOPY}\" --remove-section=.gnu.lto_*
        --remove-section=.gnu.debuglto_* \"\${archive}\" COMMAND_ERROR_IS_FATAL ANY)
    endforeach()")
endif()

# ---- find_package(sake) -----------------------------------------------------------------------

install(EXPORT sake FILE sakeTargets.cmake NAMESPACE sake:: DESTINATION "${_sake_package_dir}")
configure_package_config_file(cmake/sakeConfig.cmake.in sakeConfig.cmake
  INSTALL_DESTINATION "${_sake_package_dir}")
write_basic_package_version_file(sakeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
  "${PROJECT_BINARY_DIR}/sakeConfig.cmake"
  "${PROJECT_BINARY_DIR}/sakeConfigVersion.cmake"
  cmake/FindCAF.cmake
  DESTINATION "${_sake_package_dir}")

# ---- pkg-config -------------------------------------------------------------------------------

# A static library names what it needs itself, so that plain `--libs` is enough either way.
get_target_property(_sake_definitions sake_http INTERFACE_COMPILE_DEFINITIONS)
set(SAKE_PC_DEFINITIONS "")
if(_sake_definitions)
  list(TRANSFORM _sake_definitions PREPEND " -D" OUTPUT_VARIABLE SAKE_PC_DEFINITIONS)
endif()
set(SAKE_PC_LIBS "")
if(SAKE_SECTION_LINK_OPTIONS AND NOT BUILD_SHARED_LIBS)
  set(SAKE_PC_LIBS " -Wl,--gc-sections")
endif()
foreach(_sake_folder IN ITEMS runtime actors routing http)
  get_target_property(_sake_type sake_${_sake_folder} TYPE)
  if(NOT _sake_type STREQUAL "INTERFACE_LIBRARY")
    string(APPEND SAKE_PC_LIBS " -lsake_${_sake_folder}")
  endif()
endforeach()
file(RELATIVE_PATH SAKE_PC_PREFIX "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string(REGEX REPLACE "/$" "" SAKE_PC_PREFIX "${SAKE_PC_PREFIX}")
foreach(_sake_package IN ITEMS sake sake-testing)
  configure_file(cmake/${_sake_package}.pc.in ${_sake_package}.pc @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/${_sake_package}.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
endforeach()

unset(_sake_definitions)
unset(_sake_files)
unset(_sake_folder)
unset(_sake_libraries)
unset(_sake_library)
unset(_sake_package)
unset(_sake_package_dir)
unset(_sake_type)
