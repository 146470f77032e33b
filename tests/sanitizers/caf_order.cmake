# Links caf_order.cpp into every program, and tests that a race in a handler is still reported.

add_library(sake_caf_order OBJECT sanitizers/caf_order.cpp)
target_link_libraries(sake_caf_order PRIVATE CAF::core)
target_sources(sake_actors INTERFACE $<BUILD_INTERFACE:$<TARGET_OBJECTS:sake_caf_order>>)

add_executable(sake-race-in-a-handler sanitizers/race_in_a_handler.cpp)
target_link_libraries(sake-race-in-a-handler PRIVATE sake::actors)
sake_add_test(actors/race_in_a_handler_is_found SECONDS 60 COMMAND sake-race-in-a-handler)
set_tests_properties(actors/race_in_a_handler_is_found PROPERTIES
  PASS_REGULAR_EXPRESSION "data race [^\n]*/race_in_a_handler.cpp")
