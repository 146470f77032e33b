// The layer of a route that spawns the actors which answer.
#pragma once

#include <sake/actors/route_state.hpp>
#include <sake/actors/shard.hpp>
#include <sake/actors/spawned.hpp>

#include <utility>

namespace sake::actors::detail {

/// The layer of a route that spawns the actors which answer.
class spawning_layer final : public routing::layer {
public:
  explicit spawning_layer(actor_factory factory) noexcept : factory_(std::move(factory)) {}

  /// Spawns what is there from the start. Called by each shard when it is made.
  /// @returns the actor that belongs to the shard, or null
  caf::strong_actor_ptr open(shard& own, const routing::plan& plan, route_state& state) const;

  void act(context& ctx) const override;
  [[nodiscard]] bool is_actor() const noexcept override { return true; }
  [[nodiscard]] bool spawns() const noexcept override { return true; }

private:
  actor_factory factory_;
};

} // namespace sake::actors::detail
