# Links leak_options.cpp into every program, and tests that a use of memory that a pool keeps is reported.

add_library(sake_leak_options OBJECT sanitizers/leak_options.cpp)
target_sources(sake_http INTERFACE $<BUILD_INTERFACE:$<TARGET_OBJECTS:sake_leak_options>>)

if(SAKE_FUZZ)
  return()
endif()
add_executable(sake-use-of-a-kept-request sanitizers/use_of_a_kept_request.cpp)
target_link_libraries(sake-use-of-a-kept-request PRIVATE sake::http)
sake_add_test(unit/use_of_a_kept_request_is_found SECONDS 10 COMMAND sake-use-of-a-kept-request)
set_tests_properties(unit/use_of_a_kept_request_is_found PROPERTIES
  PASS_REGULAR_EXPRESSION "use-after-poison [^\n]*")
