# Finds toml++'s headers: defines tomlplusplus::headers. Debian's own target links its library.

find_path(tomlplusplus_INCLUDE_DIR toml++/toml.h)
mark_as_advanced(tomlplusplus_INCLUDE_DIR)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(tomlplusplus REQUIRED_VARS tomlplusplus_INCLUDE_DIR)

if(tomlplusplus_FOUND AND NOT TARGET tomlplusplus::headers)
  add_library(tomlplusplus::headers INTERFACE IMPORTED)
  set_target_properties(tomlplusplus::headers PROPERTIES
    INTERFACE_INCLUDE_DIRECTORIES "${tomlplusplus_INCLUDE_DIR}")
endif()
