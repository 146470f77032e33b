# usage: cmake -DOUTPUT=<file.cpp> -P embed.cmake -- <file>…
# Writes a C++ source that defines showcase::assets (see page.hpp) with the octets of the files.

set(code "// Made by embed.cmake.\n#include \"page.hpp\"\n\nnamespace showcase {\n\n")
string(APPEND code "// clang-format off\nconst std::vector<asset> assets{\n")

set(is_file FALSE)
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE ${last})
  set(file "${CMAKE_ARGV${i}}")
  if(is_file)
    cmake_path(GET file FILENAME name)
    file(SIZE "${file}" size)
    file(SHA256 "${file}" hash)
    string(SUBSTRING "${hash}" 0 16 tag)
    file(READ "${file}" octets HEX)
    # Every octet is escaped, so no content can end the literal.
    string(REGEX REPLACE "(..)" "\\\\x\\1" octets "${octets}")
    string(APPEND code "  {\"${name}\", \"\\\"${tag}\\\"\", {\"${octets}\", ${size}}},\n")
  elseif(file STREQUAL "--")
    set(is_file TRUE)
  endif()
endforeach()

string(APPEND code "};\n// clang-format on\n\n} // namespace showcase\n")
file(WRITE "${OUTPUT}" "${code}")
