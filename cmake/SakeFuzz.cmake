# Each fuzz/<name>_fuzz.cpp, with the seeds in fuzz/corpus/<name>/ and, where there is one, the
# dictionary fuzz/<name>.dict: under libFuzzer in the preset `fuzz`, and in every other build as a
# program that replays the seeds.

file(GLOB fuzz_sources CONFIGURE_DEPENDS fuzz/*_fuzz.cpp)
foreach(source IN LISTS fuzz_sources)
  cmake_path(GET source STEM stem)
  string(REGEX REPLACE "_fuzz$" "" name "${stem}")
  set(program sake-${name}-fuzz)
  set(seeds "${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${name}")

  add_executable(${program} "${source}")
  target_link_libraries(${program} PRIVATE sake::routing)
  if(name MATCHES "^node_")
    target_link_libraries(${program} PRIVATE sake::testing)
  endif()
  if(NOT SAKE_FUZZ)
    target_sources(${program} PRIVATE support/corpus_main.cpp)
    target_link_options(${program} PRIVATE ${SAKE_NO_LTO_LINK_OPTIONS})
    sake_add_test(fuzz/${name} SECONDS 60 COMMAND ${program} "${seeds}")
    continue()
  endif()

  # libFuzzer keeps what it finds in the first folder; the seeds are read only.
  set(found "${CMAKE_CURRENT_BINARY_DIR}/corpus/${name}")
  set(crashes "${CMAKE_CURRENT_BINARY_DIR}/crashes/${name}")
  file(MAKE_DIRECTORY "${found}" "${crashes}")
  set(dictionary "${CMAKE_CURRENT_SOURCE_DIR}/fuzz/${name}.dict")
  if(EXISTS "${dictionary}")
    set(dictionary "-dict=${dictionary}")
  else()
    set(dictionary "")
  endif()
  target_link_options(${program} PRIVATE -fsanitize=fuzzer)
  sake_add_test(fuzz/${name} SECONDS 60
    COMMAND ${program} -max_total_time=20 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1
      "-artifact_prefix=${crashes}/" ${dictionary} "${found}" "${seeds}")
endforeach()
