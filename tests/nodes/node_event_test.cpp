// The functions that a program has called when nodes change.
#include "../support/captured_log.hpp"
#include "../support/catch.hpp"

#include <sake/sake.hpp>

#include <chrono>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

TEST_CASE("an exception of on_node_event stops neither heartbeats nor further events", "[nodes]") {
  const sake::test::captured_log log;
  const auto options = [](sake::actors::node_settings own) {
    own.heartbeat = 20ms;
    own.suspicion = 150ms;
    own.listen = "127.0.0.1:0";
    return sake::config{}
        .with_reactors(1)
        .with_signals(false)
        .with_address("127.0.0.1:0")
        .with_node(std::move(own));
  };
  sake::engine silent{options({.name = "silent"})};
  silent.on_node_event([](const sake::node_event&) { std::this_thread::sleep_for(500ms); });
  REQUIRE(silent.start());
  sake::engine app{options({.name = "app", .join = {silent.nodes().front().address}})};
  std::mutex mutex;
  std::vector<std::string> heard;
  app.on_node_event([&](const sake::node_event& event) {
    const std::lock_guard lock{mutex};
    heard.emplace_back(to_string(event.what));
    throw std::runtime_error("from the program");
  });
  REQUIRE(app.start());
  const auto count = [&] {
    const std::lock_guard lock{mutex};
    return heard.size();
  };
  for (int i = 0; i < 500 && count() < 3; ++i)
    std::this_thread::sleep_for(10ms);
  app.shutdown();
  app.wait();
  const std::lock_guard lock{mutex};
  REQUIRE(heard.size() >= 3);
  CHECK(heard[0] == "joined");
  CHECK(heard[1] == "suspected");
  CHECK(heard[2] == "recovered");
}
