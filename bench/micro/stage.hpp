// One shard without sockets, for measuring what lies between the octets of a request and those of
// its response.
#pragma once

#include <sake/actors/connection.hpp>
#include <sake/actors/shard.hpp>
#include <sake/actors/transport.hpp>
#include <sake/routing/registry.hpp>

#include <caf/actor_system.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace sake::bench {

/// A transport in memory: octets are fed to it, and what is written is counted and dropped.
class memory_transport final : public actors::transport {
public:
  /// Has the owner read `octets`, as if they had arrived together. Whoever feeds is on the reactor.
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
      return {actors::io_result::outcome::would_block, 0};
    const auto taken = std::min(size, input_.size());
    std::memcpy(to, input_.data(), taken);
    input_.remove_prefix(taken);
    return {actors::io_result::outcome::done, taken};
  }

  actors::io_result write(std::string_view octets) noexcept override {
    written_ += octets.size();
    return {actors::io_result::outcome::done, octets.size()};
  }

  void shutdown_send() noexcept override {}

  void close() noexcept override { waits_ = false; }

private:
  owner* owner_ = nullptr;
  std::string_view input_;
  std::size_t written_ = 0;
  bool waits_ = false;
};

/// The routes of a stage; open for registration until the stage is set.
class stage_routes : public routing_registry, public route_group {
public:
  stage_routes() : route_group(static_cast<routing_registry&>(*this)) {}
};

/// A shard that serves `routes`, with one open connection.
class stage {
public:
  stage(caf::actor_system& system, stage_routes& routes)
      : map_(routes.seal()),
        states_(*map_),
        shard_(system, 0, settings_, *map_, states_.get(), nullptr, open_connections_) {
    auto carrier = std::make_unique<memory_transport>();
    transport_ = carrier.get();
    const auto opened = actors::spawn_on<actors::connection>(shard_.reactor(), shard_,
                                                             std::move(carrier), http::peer{});
    on_reactor([&] { static_cast<actors::connection*>(opened->get())->start(); });
  }

  /// Calls `function` on the thread of the reactor, which is this one for the while, between two
  /// turns.
  template <class Function>
  void on_reactor(Function function) {
    const actors::reactor::stay here{shard_.reactor()};
    shard_.reactor().run_ready();
    function();
  }

  /// Sends `octets` to the server, in one turn of the reactor.
  ///
  /// @returns how many octets came back in that turn
  std::size_t exchange(std::string_view octets) {
    {
      const actors::reactor::turn now{shard_.reactor()};
      transport_->feed(octets);
    }
    return transport_->take_written();
  }

  /// Sends requests from outside the reactor until one is answered at once: an actor that has just
  /// been spawned starts on CAF's scheduler, and belongs to whoever wakes it only from then on.
  ///
  /// @returns the size of the response; 0 when there was none within five seconds
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
  actors::route_states states_;
  std::atomic<std::size_t> open_connections_{0};
  actors::shard shard_;
  memory_transport* transport_ = nullptr;
};

} // namespace sake::bench
