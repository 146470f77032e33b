// One shard whose connections a test wires itself.
#pragma once

#include "shard_fixture.hpp"

#include <sake/actors/connection/connection.hpp>
#include <sake/actors/connection/connection_limit.hpp>
#include <sake/actors/connection/request_sink.hpp>
#include <sake/testing/ready_queue.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace sake::test {

/// Passes everything on to a shard. A test overrides a part of it.
class forwarding_sink : public actors::request_sink {
public:
  explicit forwarding_sink(actors::shard& to) noexcept : to_(to) {}
  virtual ~forwarding_sink() = default;

  void opened(actors::connection& added) override { to_.opened(added); }
  void closed(actors::connection& gone) override { to_.closed(gone); }
  [[nodiscard]] http::content_rules rules_for(http::request& head) override {
    return to_.rules_for(head);
  }
  [[nodiscard]] std::string_view route_name(http::request& head) override {
    return to_.route_name(head);
  }
  void dispatch(caf::mailbox_element_ptr request) override { to_.dispatch(std::move(request)); }
  [[nodiscard]] const http::settings& settings() const noexcept override { return to_.settings(); }
  [[nodiscard]] const http::access_observers& access_observers() const noexcept override {
    return to_.access_observers();
  }
  [[nodiscard]] std::unique_ptr<http::protocol> make_protocol(
      http::protocol_events& events, const http::connection_start& known) override {
    return to_.make_protocol(events, known);
  }

protected:
  actors::shard& to_;
};

/// One shard, with connections that go to a sink of the test, over a transport of its choice.
/// Connections refer to their sink until they are closed: a derived fixture that owns one calls
/// `close` in its destructor.
class seam_fixture : public shard_fixture {
public:
  using shard_fixture::shard_fixture;
  virtual ~seam_fixture() { close(); }

  /// The events of the connections' transports.
  testing::ready_queue& events() {
    if (!events_)
      events_.emplace(shard().reactor());
    return *events_;
  }

  /// Opens a connection to `sink`, over what `wrap` makes of a transport in memory.
  /// @param is_served  false: as past the limit on connections
  template <class Wrap = std::identity>
  memory_peer open_to(actors::request_sink& sink, bool is_served = true, Wrap wrap = {}) {
    auto& home = shard().reactor();
    memory_peer peer{events()};
    const auto made =
        actors::spawn_on<actors::connection>(home, sink, wrap(peer.make_transport()), http::peer{});
    {
      const actors::reactor::stay here{home};
      const actors::reactor::turn now{home};
      static_cast<actors::connection&>(*made->get())
          .start(is_served ? limit_.take() : actors::connection_limit::place{});
    }
    pump();
    return peer;
  }

  /// Handles all events.
  void pump() {
    for (run(); events().size() != 0; run())
      events().handle(next(events().size()));
  }

  /// Sends `octets`, handles all events, and returns the answer.
  std::string ask(memory_peer& peer, std::string_view octets) {
    peer.send(octets);
    pump();
    return peer.take();
  }

  /// Advances the clock, handles all events, and returns what has come.
  std::string after(memory_peer& peer, std::chrono::milliseconds time) {
    advance(time);
    pump();
    return peer.take();
  }

private:
  /// Which of `count` events comes next.
  virtual std::size_t next(std::size_t /*count*/) { return 0; }

  std::optional<testing::ready_queue> events_;
  actors::connection_limit limit_{10, 0};
};

} // namespace sake::test
