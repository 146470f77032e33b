// Servers with too few descriptors or threads.
#include "../support/catch.hpp"
#include "../support/sanitizer.hpp"
#include "../support/scratch_folder.hpp"
#include "../support/server.hpp"
#include "../support/server_process.hpp"
#include "../support/times_in.hpp"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <unistd.h>

using namespace sake::test;
using Catch::Matchers::ContainsSubstring;

namespace {

namespace fs = std::filesystem;

/// A copy of this program that every user may run.
struct program_copy {
  program_copy() {
    fs::permissions(folder.path, fs::perms{0755});
    fs::copy_file("/proc/self/exe", path);
    fs::permissions(path, fs::perms{0755});
  }
  scratch_folder folder;
  std::string path = (folder.path / "program").string();
};

} // namespace

TEST_CASE("with too few descriptors a server reports it and ends, with one more it serves",
          "[e2e]") {
  // From the descriptors that the program itself needs up to enough for any start.
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
    CHECK(status < 128); // not ended by a signal
    CHECK(status == 1);
    const auto& errors = program.errors();
    CHECK(std::count(errors.begin(), errors.end(), '\n') == 1);
    CHECK_THAT(errors, ContainsSubstring("cannot "));
    CHECK_THAT(program.errors(), ContainsSubstring("Too many open files"));
    ++refusals;
  }
  CHECK(refusals > 2);
}

TEST_CASE("a start that fails leaves no Unix socket behind", "[e2e]") {
  constexpr int most = 64;
  const scratch_folder folder;
  const auto path = (folder.path / "socket").string();
  int refusals = 0;
  for (int descriptors = 8; descriptors <= most; ++descriptors) {
    server_process program{
        "patient", "unix:" + path, {"prlimit", "--nofile=" + std::to_string(descriptors)}};
    INFO("descriptors: " << descriptors);
    const bool serves = program.read_line().starts_with("sake listens on ");
    if (serves)
      program.signal(SIGTERM);
    CHECK(program.wait() == (serves ? 0 : 1));
    CHECK_FALSE(fs::exists(path));
    if (serves)
      break;
    REQUIRE(descriptors < most);
    ++refusals;
  }
  CHECK(refusals > 2);
}

TEST_CASE("an engine whose start failed halfway says that it cannot start again", "[e2e]") {
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  const scratch_folder folder;
  const auto path = "unix:" + (folder.path / "socket").string();
  // Too few descriptors for the socket, then for its duplicates, then for the reactors.
  for (rlim_t descriptors = 3;; ++descriptors) {
    REQUIRE(descriptors < 256);
    sake::engine app{test_config().with_reactors(4)};
    const rlimit few{descriptors, before.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
    const auto error = app.start(path).error;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
    if (error.starts_with("cannot listen on "))
      continue;
    CHECK_THAT(error, ContainsSubstring("cannot start: "));
    CHECK(app.start(path).error
          == "cannot start: an earlier start of this engine failed halfway; make another engine");
    break;
  }
}

TEST_CASE("with too few threads a server reports it and ends, with enough it serves", "[e2e]") {
  // The limit counts all threads of a user and does not hold for root, so the test needs a user
  // without other threads. ThreadSanitizer needs threads of its own.
  if (::geteuid() != 0 || has_thread_sanitizer)
    return;
  constexpr int most = 64;
  int refusals = 0;
  const program_copy copy;
  for (int threads = 1; threads <= most; ++threads) {
    server_process program{"patient",
                           "127.0.0.1:0",
                           {"setpriv", "--reuid=54321", "--clear-groups", "prlimit",
                            "--nproc=" + std::to_string(threads), "sh", "-c",
                            "shift; exec \"$0\" \"$@\"", copy.path}};
    INFO("threads: " << threads);
    if (program.read_line().starts_with("sake listens on ")) {
      program.signal(SIGTERM);
      CHECK(program.wait() == 0);
      break;
    }
    REQUIRE(threads < most);
    CHECK(program.wait() == 1);
    // Besides lines of the log, which begin with their time.
    CHECK(times_in('\n' + program.errors(), "\ncannot ") == 1);
    ++refusals;
  }
  CHECK(refusals > 2);
}

TEST_CASE("without descriptors a server retries once in each pause and reports it", "[e2e]") {
  server_process program{"patient", "127.0.0.1:0", {"prlimit", "--nofile=48"}};
  const auto port = program.await_banner();
  const auto begun = std::chrono::steady_clock::now();
  allow_many_descriptors();
  std::vector<client> crowd;
  for (int i = 0; i < 400; ++i)
    crowd.emplace_back(port);
  program.await_error("cannot accept connections");
  crowd.clear();
  CHECK(client{port}.ask(get("/")).content == "home");
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  // Each retry is a line, or counted in a line about omitted lines.
  double looks = times_in(program.errors(), "error cannot accept connections");
  const std::regex left_out{"count=([0-9]+) kind=\"cannot accept connections"};
  for (std::sregex_iterator at{program.errors().begin(), program.errors().end(), left_out}, end;
       at != end; ++at)
    looks += std::stoi((*at)[1]);
  // Two reactors, ten retries a second each.
  CHECK(looks <= 2 * (10 * taken.count() + 1));
}
