// Signals to a process with an engine.
#include "../support/catch.hpp"
#include "../support/client.hpp"
#include "../support/server.hpp"
#include "../support/server_process.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

using namespace sake::test;

namespace {

/// Sends a request that is not answered before SIGUSR1, and waits until its handler has it.
client begin(std::uint16_t port, const std::string& path) {
  client other{port};
  const int before = std::stoi(other.ask(get("/begun")).content);
  client peer{port};
  peer.send(get(path));
  wait_until([&] { return std::stoi(other.ask(get("/begun")).content) > before; });
  return peer;
}

/// A port that has no listener now.
std::uint16_t free_port() {
  sake::engine app{test_config()};
  if (const auto begun = app.start(); !begun)
    throw std::runtime_error(begun.error);
  return app.port();
}

extern "C" void note_signal(int) {}

/// The process's action for a signal.
void (*action_of(int number))(int) {
  struct sigaction found {};
  ::sigaction(number, nullptr, &found);
  return found.sa_handler;
}

} // namespace

TEST_CASE("after an engine has ended, the program's signal handlers are restored", "[e2e]") {
  for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGXFSZ}) {
    CAPTURE(number);
    auto* const before = std::signal(number, note_signal);
    {
      sake::engine first{test_config().with_signals(true)};
      REQUIRE(first.start());
      {
        sake::engine second{test_config().with_signals(true)};
        REQUIRE(second.start());
      }
      const bool is_heard = number == SIGINT || number == SIGTERM;
      CHECK((action_of(number) == note_signal) != is_heard);
    }
    CHECK(action_of(number) == note_signal);
    std::signal(number, before);
  }
}

TEST_CASE("a broken pipe is ignored only while an engine runs", "[e2e]") {
  auto* const before = std::signal(SIGPIPE, SIG_DFL);
  {
    sake::engine app{test_config()};
    REQUIRE(app.start());
    CHECK(action_of(SIGPIPE) == SIG_IGN);
  }
  CHECK(action_of(SIGPIPE) == SIG_DFL);
  std::signal(SIGPIPE, before);
}

TEST_CASE("a forked child cannot start the engine of its parent", "[e2e]") {
  auto app = std::make_unique<sake::engine>(test_config());
  const pid_t child = ::fork();
  if (child == 0) {
    const auto begun = app->start();
    const bool is_refused = begun.error.find("before fork()") != std::string::npos;
    app.reset(); // does not wait for a thread
    std::_Exit(is_refused ? 0 : 1);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  REQUIRE(app->start());
}

TEST_CASE("SIGTERM and SIGINT drain, and the exit status is 0", "[e2e]") {
  const int number = GENERATE(SIGTERM, SIGINT);
  const auto* path = GENERATE("/held", "/busy");
  CAPTURE(number, path);
  server_process program{"patient"};
  const auto port = program.await_banner();
  client idle{port};
  REQUIRE(idle.ask(get("/")).content == "home");
  auto peer = begin(port, path);
  program.signal(number);
  wait_until([&] { return !client::can_connect(port); });
  CHECK(idle.read_to_end().empty());
  program.signal(SIGUSR1);
  const auto got = peer.read();
  CHECK(got.content == "at last");
  CHECK(got.closes());
  CHECK(peer.read_to_end().empty());
  CHECK(program.wait() == 0);
}

TEST_CASE("under load a signal cuts no response short, and the exit status is 0", "[e2e]") {
  server_process program{"patient"};
  const auto port = program.await_banner();
  std::atomic<int> answered = 0;
  std::atomic<int> broken = 0;
  std::vector<std::thread> load;
  for (int i = 0; i < 8; ++i)
    load.emplace_back([&, peer = client{port}]() mutable {
      try {
        for (bool is_last = false; !is_last; ++answered)
          is_last = peer.ask(get("/")).closes();
      } catch (const truncated&) {
        ++broken;
      } catch (const std::exception&) {
        // Closed between two requests, as any idle connection may be.
      }
    });
  wait_until([&] { return answered > 500; });
  program.signal(SIGTERM);
  for (auto& each : load)
    each.join();
  CHECK(broken == 0);
  CHECK(program.wait() == 0);
}

TEST_CASE("a signal before the first connection ends the process with 0", "[e2e]") {
  server_process program{"patient"};
  program.await_banner();
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
}

TEST_CASE("a signal right after the port answers drains", "[e2e]") {
  for (int i = 0; i < 10; ++i) {
    const auto port = free_port();
    server_process program{"patient", "127.0.0.1:" + std::to_string(port)};
    wait_until([&] { return client::can_connect(port); });
    program.signal(SIGTERM);
    CHECK(program.wait() == 0);
  }
}

TEST_CASE("std::exit in a handler ends the process at once", "[e2e]") {
  const auto* path = GENERATE("/exit", "/exit/worker");
  CAPTURE(path);
  server_process program{"patient"};
  const auto port = program.await_banner();
  auto held = begin(port, "/held");
  client peer{port};
  peer.send(get(path));
  CHECK(program.wait() == 7);
  held.await_end();
}

TEST_CASE("a second signal ends the process at once", "[e2e]") {
  const auto* path = GENERATE("/held", "/busy");
  CAPTURE(path);
  // Its drain deadline is an hour.
  server_process program{"patient"};
  const auto port = program.await_banner();
  auto peer = begin(port, path);
  program.signal(SIGTERM);
  wait_until([&] { return !client::can_connect(port); });
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
  peer.await_end();
}

TEST_CASE("a second signal ends a process that waits for a worker whose client has left", "[e2e]") {
  server_process program{"patient"};
  const auto port = program.await_banner();
  begin(port, "/busy").close();
  program.signal(SIGTERM);
  wait_until([&] { return !client::can_connect(port); });
  // The signal comes before all connections have closed, after that, or at that moment.
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
}

TEST_CASE("at the drain deadline the process ends despite requests in flight", "[e2e]") {
  const auto* path = GENERATE("/held", "/busy");
  CAPTURE(path);
  server_process program{"hasty"};
  const auto port = program.await_banner();
  auto peer = begin(port, path);
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
  peer.await_end();
}

TEST_CASE("a handler may end its process", "[e2e]") {
  server_process program{"patient"};
  const auto port = program.await_banner();
  client peer{port};
  const auto got = peer.ask(get("/shutdown"));
  CHECK(got.content == "goodbye");
  CHECK(peer.read_to_end().empty());
  CHECK(program.wait() == 0);
}
