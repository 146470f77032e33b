// Options from a file.
#include "../../../support/catch.hpp"
#include "../../../support/scratch_file.hpp"
#include "../../../support/scratch_folder.hpp"

#include <sake/runtime/config/config.hpp>
#include <sake/runtime/config/config_source.hpp>
#include <sake/runtime/config/options.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <sys/stat.h>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

using lines = std::vector<std::string>;

namespace {

/// The errors in a file of this content, without its name.
lines errors_in(std::string_view content) {
  const scratch_file file{content};
  config options;
  auto errors = options.read_file(file.path());
  for (auto& each : errors) {
    CHECK(each.starts_with(file.path() + ':'));
    each.erase(0, file.path().size() + 1);
  }
  if (!errors.empty())
    CHECK(options.to_toml() == config{}.to_toml());
  return errors;
}

/// A configuration in which no option has its default.
config other_config() {
  const http::limits limits{.request_line_bytes = 100,
                            .field_section_bytes = 2048,
                            .field_count = 7,
                            .content_bytes = 5'000'000'000,
                            .chunk_line_bytes = 20,
                            .buffered_content_bytes = 1,
                            .pipelined_requests = 2,
                            .ready_response_bytes = 9000};
  const http::deadlines deadlines{.head = 1ms,
                                  .content = 2s,
                                  .content_bytes_per_second = 3,
                                  .idle = 4min,
                                  .write = 5h,
                                  .write_bytes_per_second = 6,
                                  .request = 0ms};
  return config{}
      .with_address("unix:/run/a \"quoted\" \\ path")
      .with_reactors(3)
      .with_reactor_cores({0})
      .with_reactor_pinning(true)
      .with_workers(5)
      .with_worker_pool(false)
      .with_worker_max_queued(6)
      .with_worker_cores({0})
      .with_worker_pinning(false)
      .with_worker_scheduling(scheduling::normal)
      .with_worker_nice(7)
      .with_adaptive(false)
      .with_blocking_threshold(8ms)
      .with_adaptive_window(9s)
      .with_scheduler_policy(scheduler_policy::stealing)
      .with_scheduler_threads(10)
      .with_scheduler_throughput(11)
      .with_max_connections(12)
      .with_keep_alive(false)
      .with_half_closed_clients(true)
      .with_max_requests_per_connection(13)
      .with_drain_deadline(14s)
      .with_server_name("Sake")
      .with_signals(false)
      .with_unix_socket({.mode = "0660", .owner = "www:www"})
      .with_log({.level = log_level::warning, .format = log_format::json, .sink = "/var/log/sake"})
      .with_limits(limits)
      .with_deadlines(deadlines)
      .with_node({.name = "a",
                  .listen = "10.0.0.1:7600",
                  .join = {"10.0.0.2:7600", "db.example.org:7601"},
                  .role = node_role::worker,
                  .certificate = "/etc/sake/a.crt",
                  .key = "/etc/sake/a.key",
                  .authority = "/etc/sake/ca.crt",
                  .members = {"a", "b", "c"},
                  .heartbeat = 100ms,
                  .suspicion = 300ms,
                  .death = 2s,
                  .stable = 1min,
                  .credit = 15})
      .with_pool("images", {.workers = 2,
                            .max_queued = 3,
                            .cores = {0},
                            .pinned = false,
                            .scheduling = scheduling::batch,
                            .nice = 4});
}

} // namespace

TEST_CASE("a file overrides the options of the code", "[config]") {
  const scratch_file file{R"(
address = ":9000"
reactors = 2
keep_alive = false
worker_scheduling = "batch"
worker_nice = 5

[limits]
content_bytes = "4MiB"

[deadlines]
request = "250ms"

[pools.images]
workers = 3
)"};
  auto options = config{}.with_reactors(7).with_workers(8).with_pool("images", {.max_queued = 9});
  CHECK(options.read_file(file.path()) == lines{});
  CHECK(options.address() == ":9000");
  CHECK(options.reactors() == 2);
  CHECK(options.workers() == 8);
  CHECK(!options.keep_alive());
  CHECK(options.worker_scheduling() == scheduling::batch);
  CHECK(options.worker_nice() == 5);
  CHECK(options.limits().content_bytes == 4 * 1024 * 1024);
  CHECK(options.deadlines().request == 250ms);
  REQUIRE(options.pools().size() == 1);
  CHECK(options.pools()[0].settings.workers == 3);
  CHECK(options.pools()[0].settings.max_queued == 9);
  CHECK(options.origin() == file.path());
}

TEST_CASE("a file with every option restores every option", "[config]") {
  const auto before = other_config();
  // Every option here differs from its default.
  for (const auto& each : options_of(before.values())) {
    CAPTURE(each.name);
    CHECK(each.show(before.values()) != each.show({}));
  }
  const scratch_file file{before.to_toml()};
  config after;
  CHECK(after.read_file(file.path()) == lines{});
  CHECK(after.to_toml() == before.to_toml());
  CHECK(differences(before.values(), after.values()).empty());
}

TEST_CASE("each option of a file is returned by its getter", "[config]") {
  // Written by hand: a mistake that `to_toml` and the reader share would not be found otherwise.
  const scratch_file file{R"(
address = "unix:/run/a \"quoted\" \\ path"
reactors = 3
reactor_cores = "0"
reactor_pinning = true
workers = 5
worker_pool = false
worker_max_queued = 6
worker_cores = "0"
worker_pinning = false
worker_scheduling = "normal"
worker_nice = 7
max_connections = 12
keep_alive = false
half_closed_clients = true
max_requests_per_connection = 13
drain_deadline = "14s"
server_name = "Sake"
signals = false
scheduler_policy = "stealing"
scheduler_threads = 10
scheduler_throughput = 11
adaptive = false
blocking_threshold = "8ms"
adaptive_window = "9s"

[limits]
request_line_bytes = "100B"
field_section_bytes = "2048B"
field_count = 7
content_bytes = "5000000000B"
chunk_line_bytes = "20B"
buffered_content_bytes = "1B"
pipelined_requests = 2
ready_response_bytes = "9000B"

[deadlines]
head = "1ms"
content = "2s"
content_bytes_per_second = "3B"
idle = "4min"
write = "5h"
write_bytes_per_second = "6B"
request = "0ms"

[unix_socket]
mode = "0660"
owner = "www:www"

[log]
level = "warning"
format = "json"
sink = "/var/log/sake"

[node]
name = "a"
listen = "10.0.0.1:7600"
join = "10.0.0.2:7600,db.example.org:7601"
role = "worker"
certificate = "/etc/sake/a.crt"
key = "/etc/sake/a.key"
authority = "/etc/sake/ca.crt"
members = "a,b,c"
heartbeat = "100ms"
suspicion = "300ms"
death = "2s"
stable = "1min"
credit = 15

[pools.images]
workers = 2
max_queued = 3
cores = "0"
pinned = false
scheduling = "batch"
nice = 4
)"};
  config read;
  CHECK(read.read_file(file.path()) == lines{});
  CHECK(read.address() == "unix:/run/a \"quoted\" \\ path");
  CHECK(read.reactors() == 3);
  CHECK(read.reactor_cores() == std::vector<std::size_t>{0});
  CHECK(read.reactor_pinning());
  CHECK(read.workers() == 5);
  CHECK_FALSE(read.worker_pool());
  CHECK(read.worker_max_queued() == 6);
  CHECK(read.worker_cores() == std::vector<std::size_t>{0});
  CHECK_FALSE(read.worker_pinning());
  CHECK(read.worker_scheduling() == scheduling::normal);
  CHECK(read.worker_nice() == 7);
  CHECK(read.max_connections() == 12);
  CHECK_FALSE(read.keep_alive());
  CHECK(read.half_closed_clients());
  CHECK(read.max_requests_per_connection() == 13);
  CHECK(read.drain_deadline() == 14s);
  CHECK(read.server_name() == "Sake");
  CHECK_FALSE(read.signals());
  CHECK(read.scheduler_policy() == scheduler_policy::stealing);
  CHECK(read.scheduler_threads() == 10);
  CHECK(read.scheduler_throughput() == 11);
  CHECK_FALSE(read.adaptive().enabled);
  CHECK(read.adaptive().threshold == 8ms);
  CHECK(read.adaptive().window == 9s);
  CHECK(read.limits().request_line_bytes == 100);
  CHECK(read.limits().field_section_bytes == 2048);
  CHECK(read.limits().field_count == 7);
  CHECK(read.limits().content_bytes == 5'000'000'000);
  CHECK(read.limits().chunk_line_bytes == 20);
  CHECK(read.limits().buffered_content_bytes == 1);
  CHECK(read.limits().pipelined_requests == 2);
  CHECK(read.limits().ready_response_bytes == 9000);
  CHECK(read.deadlines().head == 1ms);
  CHECK(read.deadlines().content == 2s);
  CHECK(read.deadlines().content_bytes_per_second == 3);
  CHECK(read.deadlines().idle == 4min);
  CHECK(read.deadlines().write == 5h);
  CHECK(read.deadlines().write_bytes_per_second == 6);
  CHECK(read.deadlines().request == 0ms);
  CHECK(read.unix_socket().mode == "0660");
  CHECK(read.unix_socket().owner == "www:www");
  CHECK(read.log().level == log_level::warning);
  CHECK(read.log().format == log_format::json);
  CHECK(read.log().sink == "/var/log/sake");
  const auto& node = read.node();
  CHECK(node.name == "a");
  CHECK(node.listen == "10.0.0.1:7600");
  CHECK(node.join == lines{"10.0.0.2:7600", "db.example.org:7601"});
  CHECK(node.role == node_role::worker);
  CHECK(node.certificate == "/etc/sake/a.crt");
  CHECK(node.key == "/etc/sake/a.key");
  CHECK(node.authority == "/etc/sake/ca.crt");
  CHECK(node.members == lines{"a", "b", "c"});
  CHECK(node.heartbeat == 100ms);
  CHECK(node.suspicion == 300ms);
  CHECK(node.death == 2s);
  CHECK(node.stable == 1min);
  CHECK(node.credit == 15);
  REQUIRE(read.pools().size() == 1);
  const auto& pool = read.pools()[0].settings;
  CHECK(pool.workers == 2);
  CHECK(pool.max_queued == 3);
  CHECK(pool.cores == std::vector<std::size_t>{0});
  CHECK_FALSE(pool.pinned);
  CHECK(pool.scheduling == scheduling::batch);
  CHECK(pool.nice == 4);
  // The file above has every option.
  CHECK(read.to_toml() == other_config().to_toml());
}

TEST_CASE("a file restores text with quotation marks, line ends and control octets", "[config]") {
  const auto before = config{}.with_address("unix:/tmp/\"a\\b\"\r\n\t\x1B\x7F\xC3\xA9");
  const scratch_file file{before.to_toml()};
  config after;
  CHECK(after.read_file(file.path()) == lines{});
  CHECK(after.address() == before.address());
}

TEST_CASE("all errors of a file are reported at once with their places", "[config]") {
  CHECK(
      errors_in(R"(reactor = 2
workers = 5000
keep_alive = "yes"
worker_scheduling = "turbo"
max_connections = 0
reactors = -1
server_name = 7
signals = 1979-05-27

[limits]
content_bytes = 1024
field_cont = 9
deadline = "1s"

[deadlines]
head = "soon"
idle = 30
)")
      == lines{
          R"(1:1: unknown option "reactor"; did you mean "reactors"?)",
          R"(2:11: workers must be 0 to 1024, not 5000)",
          R"(3:14: keep_alive wants true or false, not "yes")",
          R"(4:21: worker_scheduling wants one of "idle", "background", "batch", "normal", not "turbo")",
          R"(5:19: max_connections must be at least 1, not 0)",
          R"(6:12: reactors wants a whole number, not -1)",
          R"(7:15: server_name wants text, not 7)",
          R"(8:11: signals wants true or false, not what is there)",
          R"(11:17: limits.content_bytes wants a size such as "500B" or "64KiB", not 1024)",
          R"(12:1: unknown option "limits.field_cont"; did you mean "limits.field_count"?)",
          R"(13:1: unknown option "limits.deadline")",
          R"(16:8: deadlines.head wants a duration such as "250ms" or "30s", not "soon")",
          R"(17:8: deadlines.idle wants a duration such as "250ms" or "30s", not 30)",
      });
}

TEST_CASE("a value in place of a table and an unknown table are reported once", "[config]") {
  CHECK(errors_in("limits = 5\n[limit]\nfield_count = 9\n[workers]\nn = 1\n")
        == lines{"1:10: limits wants a table, not 5",
                 R"(2:2: unknown option "limit"; did you mean "limits"?)",
                 "4:1: workers wants a whole number, not a table"});
  CHECK(
      errors_in("[pools]\nmail = 3\n[pools.images]\nworker = 3\n[pools.\"a b\"]\nworkers = 2\n")
      == lines{"2:8: pools.mail wants a table, not 3",
               R"(4:1: unknown option "pools.images.worker"; did you mean "pools.images.workers"?)",
               "6:11: pools.a b must be named by 1 to 32 letters, digits, '-' or '_'"});
}

TEST_CASE("errors of a node are reported with their places", "[config][nodes]") {
  CHECK(errors_in(R"([node]
listen = "0:7600"
join = ["localhost:7600"]
role = "back"
members = "a,,b"
name = "a b"
hearbeat = "1s"
)")
        == lines{
            R"(2:10: node.listen "0:7600": the host is neither an IP address nor a name)",
            R"(3:8: node.join wants a list such as "a" or "a,b", not an array)",
            R"(4:8: node.role wants one of "both", "front", "worker", not "back")",
            R"(5:11: node.members wants a list such as "a" or "a,b", not "a,,b")",
            R"(6:8: node.name must be 1 to 64 letters, digits, '-', '_' or '.', not "a b")",
            R"(7:1: unknown option "node.hearbeat"; did you mean "node.heartbeat"?)",
        });
}

TEST_CASE("a file may leave options of a node to the command line", "[config][nodes]") {
  const scratch_file file{"[node]\nrole = \"worker\"\nlisten = \"10.0.0.1:7600\"\nkey = \"x\"\n"};
  config options;
  CHECK(options.read_file(file.path()) == lines{});
  CHECK(options.check().size() == 3); // certificate, key, authority
}

TEST_CASE("an empty pool table is reported", "[config]") {
  CHECK(errors_in("[pools.images]\n")
        == lines{"1:1: pools.images sets nothing; a pool needs its workers at least"});
}

TEST_CASE("a file that is not TOML is reported with the place of its first error", "[config]") {
  const auto errors = errors_in("reactors = 1\nworkers = \n");
  REQUIRE(errors.size() == 1);
  CHECK(errors[0].starts_with("2:"));
  CHECK(errors_in("reactors = 1\nreactors = 2\n").size() == 1);
}

TEST_CASE("a file that the parser's own checks refuse is reported", "[config]") {
  const auto text = GENERATE("[", "[[[", "[{", "[..log", "[ =");
  CAPTURE(text);
  CHECK(errors_in(text).size() == 1);
}

TEST_CASE("a file that cannot be read is reported", "[config]") {
  config options;
  CHECK(options.read_file("/nowhere/sake.toml")
        == lines{"/nowhere/sake.toml: cannot read it: No such file or directory"});
  CHECK(options.read_file("/") == lines{"/: cannot read it: Is a directory"});
  CHECK(options.read_file("/dev/null")
        == lines{"/dev/null: cannot read it: it is no regular file"});
  const scratch_folder folder;
  const auto pipe = (folder.path / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(options.read_file(pipe) == lines{pipe + ": cannot read it: it is no regular file"});
  CHECK(options.origin() == "code");
}

TEST_CASE("a file of more than 1 MiB is refused", "[config]") {
  const std::string setting = "workers = 2\n";
  const scratch_file largest{setting + std::string((1 << 20) - setting.size(), '#')};
  config options;
  CHECK(options.read_file(largest.path()) == lines{});
  CHECK(options.workers() == 2);
  const scratch_file larger{std::string((1 << 20) + 1, '#')};
  CHECK(options.read_file(larger.path())
        == lines{larger.path() + ": cannot read it: it is larger than 1 MiB"});
}

TEST_CASE("an empty file sets nothing", "[config]") {
  CHECK(errors_in("") == lines{});
  CHECK(errors_in("# nothing\n[limits]\n") == lines{});
}

TEST_CASE("later files override earlier ones, also when they are read again", "[config]") {
  const scratch_file first{"reactors = 2\nworkers = 2\n"};
  const scratch_file second{"workers = 3\n"};
  auto options = config{}.with_reactors(9).with_max_connections(9);
  REQUIRE(options.read_file(first.path()).empty());
  REQUIRE(options.read_file(second.path()).empty());
  // Options that the code sets later do not belong to the files.
  options.with_keep_alive(false);
  CHECK(options.origin() == first.path() + '+' + second.path());
  const auto* const source = options.values().source.get();
  REQUIRE(source != nullptr);
  CHECK(differences(source->as_read, source->read_again().now).empty());

  first.write("reactors = 4\nworkers = 5\n");
  const auto again = source->read_again();
  CHECK(again.errors == lines{});
  CHECK(again.now.reactors == 4);
  CHECK(again.now.executors.pool.workers == 3);
  CHECK(again.now.max_connections == 9);
  const auto changed = differences(source->as_read, again.now);
  REQUIRE(changed.size() == 1);
  CHECK(changed[0].name == "reactors");

  second.write("workers = 0x\n");
  CHECK(source->read_again().errors.size() == 1);
}
