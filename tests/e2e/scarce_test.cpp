// Servers that the system gives too little.
#include "../support/catch.hpp"
#include "../support/server_process.hpp"

#include <csignal>
#include <string>

using namespace sake::test;
using Catch::Matchers::ContainsSubstring;

TEST_CASE("with too few descriptors a server says so and ends; with one more it serves", "[e2e]") {
  // From what the program needs to begin with, up to what is enough for any start.
  constexpr int most = 64;
  int refusals = 0;
  for (int descriptors = 8; descriptors <= most; ++descriptors) {
    server_process program{
        "patient", "127.0.0.1:0", {"prlimit", "--nofile=" + std::to_string(descriptors)}};
    INFO("descriptors: " << descriptors);
    const auto line = program.read_line();
    if (line.starts_with("sake listens on ")) {
      program.signal(SIGTERM);
      CHECK(program.wait() == 0);
      break;
    }
    REQUIRE(descriptors < most);
    const int status = program.wait();
    CHECK(status != 0);
    CHECK(status < 128); // no signal ended it
    // With the fewest the engine itself has nothing to hear signals with; not with more.
    if (program.errors().find("cannot ") == std::string::npos) {
      CHECK(refusals == 0);
      continue;
    }
    CHECK(status == 1);
    CHECK_THAT(program.errors(), ContainsSubstring("Too many open files"));
    ++refusals;
  }
  CHECK(refusals > 2);
}
