// The rules that options must satisfy.
#include "../../../support/catch.hpp"

#include <sake/actors/reactor/cores.hpp>
#include <sake/runtime/config/config.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace sake;
using namespace std::chrono_literals;
using Catch::Matchers::Contains;
using Catch::Matchers::Equals;

using lines = std::vector<std::string>;

TEST_CASE("the defaults of all options are in their range", "[config]") {
  CHECK(config{}.check() == lines{});
}

TEST_CASE("every option out of its range is reported with its range", "[config]") {
  http::limits max;
  max.request_line_bytes = 63;
  const auto errors = config{}
                          .with_address("nowhere:x")
                          .with_reactors(1025)
                          .with_scheduler_threads(0)
                          .with_scheduler_throughput(0)
                          .with_worker_scheduling(scheduling::batch)
                          .with_worker_nice(20)
                          .with_blocking_threshold(0ms)
                          .with_max_connections(0)
                          .with_limits(max)
                          .with_request_timeout(-1ms)
                          .with_server_name("a\nb")
                          .check();
  CHECK(errors
        == lines{"reactors must be 0 to 1024, not 1025", "worker_nice must be 0 to 19, not 20",
                 "blocking_threshold must be 1ms to 8760h, not 0ms",
                 "scheduler_threads must be 1 to 1024, not 0",
                 "scheduler_throughput must be 1 to 1000000, not 0",
                 "max_connections must be at least 1, not 0",
                 "limits.request_line_bytes must be at least 64B, not 63B",
                 "deadlines.request must be 0ms to 8760h, not -1ms",
                 "address \"nowhere:x\": the port is a number from 0 to 65535",
                 "server_name must not hold control characters"});
}

TEST_CASE("a value that its enumeration does not have is reported with the permitted words",
          "[config]") {
  const auto level = static_cast<log_level>(99);
  CHECK(config{}
            .with_worker_scheduling(static_cast<scheduling>(99))
            .with_scheduler_policy(static_cast<scheduler_policy>(2))
            .with_log({.level = level, .format = static_cast<log_format>(255)})
            .with_pool("images", {.workers = 1, .scheduling = static_cast<scheduling>(4)})
            .check()
        == lines{"worker_scheduling must be one of idle, background, batch, normal, not 99",
                 "scheduler_policy must be one of sharing, stealing, not 2",
                 "log.level must be one of debug, info, warning, error, off, not 99",
                 "log.format must be one of text, json, not 255",
                 "pools.images.scheduling must be one of idle, background, batch, normal, not 4"});
}

TEST_CASE("an error is one line, whatever the program has set", "[config]") {
  const auto errors =
      config{}.with_pool("a\nb", {}).with_address("c\x1b[m").with_log({.sink = "d\re"}).check();
  CHECK(errors.size() == 3);
  for (const auto& each : errors) {
    CAPTURE(each);
    CHECK(each.find_first_of("\n\r\x1b") == std::string::npos);
  }
}

TEST_CASE("no duration is longer than a year", "[config]") {
  CHECK(config{}.with_keep_alive_timeout(std::chrono::hours{2'600'000}).check()
        == lines{"deadlines.idle must be 0ms to 8760h, not 2600000h"});
  CHECK(config{}.with_drain_deadline(std::chrono::milliseconds::max()).check().size() == 1);
  CHECK(config{}.with_drain_deadline(std::chrono::hours{8760}).check().empty());
}

TEST_CASE("options that exclude each other are reported", "[config]") {
  CHECK(config{}.with_blocking_threshold(10ms).with_adaptive_window(9ms).check()
        == lines{"adaptive_window must not be shorter than blocking_threshold"});
  CHECK(config{}.with_worker_nice(1).with_worker_scheduling(scheduling::idle).check()
        == lines{"worker_nice is not for the scheduling class idle, whose workers yield to all "
                 "others anyway"});
  CHECK(config{}.with_worker_nice(1).check().empty());
  CHECK(config{}.with_worker_nice(1).with_worker_scheduling(scheduling::normal).check().empty());
}

TEST_CASE("cores that the process may not use, and repeated cores, are reported", "[config]") {
  const auto usable = actors::usable_cores();
  const auto other = usable.back() + 1;
  CHECK(config{}.with_reactor_cores(usable).with_worker_cores(usable).check().empty());
  const auto errors =
      config{}.with_reactor_cores({other}).with_worker_cores({usable[0], usable[0]}).check();
  REQUIRE(errors.size() == 2);
  CHECK(errors[0].starts_with("reactor_cores names cores that this process may not use: "
                              + std::to_string(other) + "; it may use "));
  CHECK(errors[1] == "worker_cores names a core twice");
}

TEST_CASE("a named pool has the same limits", "[config]") {
  const auto errors = config{}
                          .with_pool("images", {.workers = 0})
                          .with_pool("mail", {.scheduling = scheduling::idle, .nice = 1})
                          .with_pool("a b", {})
                          .with_pool("scheduler", {})
                          .with_pool("detached-1", {})
                          .check();
  CHECK(
      errors
      == lines{
          "pools.images.workers must be 1 to 1024, not 0",
          "pools.mail.nice is not for the scheduling class idle, whose workers yield to all "
          "others anyway",
          "pools.a b must be named by 1 to 32 letters, digits, '-' or '_'",
          "pools.scheduler must not be named \"scheduler\" or \"detached-…\", as other places are",
          "pools.detached-1 must not be named \"scheduler\" or \"detached-…\", as other "
          "places are"});
}

TEST_CASE("the default thread counts are the numbers of usable cores", "[config]") {
  const auto usable = actors::usable_cores();
  CHECK(config{}.reactors() == usable.size());
  CHECK(config{}.workers() == usable.size());
  CHECK(config{}.with_reactor_cores({usable[0]}).reactors() == 1);
  CHECK(config{}.with_worker_cores({usable[0]}).workers() == 1);
  CHECK(config{}.with_worker_cores({usable[0]}).with_workers(3).workers() == 3);
}
