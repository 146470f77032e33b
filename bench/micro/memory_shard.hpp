// One shard without sockets, to measure the work between the octets of a request and those of its
// response.
#pragma once

#include <sake/actors/connection/connection.hpp>
#include <sake/actors/connection/transport.hpp>
#include <sake/actors/shards.hpp>
#include <sake/routing/group.hpp>
#include <sake/routing/registry.hpp>

#include <caf/actor_system.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace sake::bench {

/// A transport in memory: its input is fed by calls, its output is counted and discarded.
class memory_transport final : public actors::transport {
public:
  /// Makes the owner read `octets`, as if they had arrived together. Call it on the reactor.
  void feed(std::string_view octets) {
    input_ = octets;
    while (!input_.empty() && std::exchange(waits_, false))
      owner_->on_readable();
  }

  /// Octets written since the last call.
  std::size_t take_written() noexcept { return std::exchange(written_, 0); }

  void attach(owner& o) noexcept override { owner_ = &o; }
  void wait_readable() override { waits_ = true; }
  void wait_writable() override {}

  actors::io_result read(char* to, std::size_t size) noexcept override {
    if (input_.empty())
      return {actors::io_result::outcome::needs_readable};
    const auto taken = std::min(size, input_.size());
    std::memcpy(to, input_.data(), taken);
    input_.remove_prefix(taken);
    return {actors::io_result::outcome::done, taken};
  }

  actors::io_result write(const http::output& from) noexcept override {
    written_ += from.size();
    return {actors::io_result::outcome::done, from.size()};
  }

  actors::io_result end_output(then) noexcept override { return {}; }

  void close() noexcept override { waits_ = false; }

private:
  owner* owner_ = nullptr;
  std::string_view input_;
  std::size_t written_ = 0;
  bool waits_ = false;
};

/// The routes of a memory shard; registration ends when the shard is constructed.
class shard_routes : public routing_registry, public route_group {
public:
  shard_routes() : route_group(static_cast<routing_registry&>(*this)) {}
};

/// A shard that serves `routes`, with one open connection.
class memory_shard {
public:
  memory_shard(caf::actor_system& system, shard_routes& routes)
      : map_(routes.seal()),
        shards_({.system = system,
                 .routes = *map_,
                 .settings = settings_,
                 .place_of = [](const routing::placement&) { return nullptr; }}),
        shard_(shards_.add()) {
    auto carrier = std::make_unique<memory_transport>();
    transport_ = carrier.get();
    const auto opened = actors::spawn_on<actors::connection>(shard_.reactor(), shard_,
                                                             std::move(carrier), http::peer{});
    on_reactor([&] {
      static_cast<actors::connection&>(*opened->get()).start(shards_.connections().take());
    });
  }

  /// Calls `function` on the reactor's thread, which is the calling thread during the call, between
  /// two turns.
  template <class Function>
  void on_reactor(Function function) {
    const actors::reactor::stay here{shard_.reactor()};
    shard_.reactor().run_ready();
    function();
  }

  /// Sends `octets` to the server in one turn of the reactor.
  ///
  /// @returns the number of octets written in that turn
  std::size_t exchange(std::string_view octets) {
    {
      const actors::reactor::turn now{shard_.reactor()};
      transport_->feed(octets);
    }
    return transport_->take_written();
  }

  /// Sends requests from outside the reactor until one is answered at once: a newly spawned actor
  /// starts on CAF's scheduler, and runs on the thread that wakes it only from then on.
  ///
  /// @returns the size of the response; 0 if there was none within five seconds
  std::size_t settle(std::string_view octets) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds{5};
    while (std::chrono::steady_clock::now() < give_up) {
      std::size_t size = 0;
      on_reactor([&] { size = exchange(octets); });
      if (size != 0)
        return size;
      while (size == 0 && std::chrono::steady_clock::now() < give_up)
        on_reactor([&] { size = transport_->take_written(); });
    }
    return 0;
  }

private:
  http::settings settings_;
  std::unique_ptr<const routing::route_map> map_;
  actors::shards shards_;
  actors::shard& shard_;
  memory_transport* transport_ = nullptr;
};

} // namespace sake::bench
