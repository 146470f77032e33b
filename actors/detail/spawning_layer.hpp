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
  spawning_layer(actor_factory factory, bool is_placeable) noexcept
      : factory_(std::move(factory)), is_placeable_(is_placeable) {}

  /// Spawns what is there from the start. Called by each shard when it is made.
  /// @returns the supervisor that lives on the shard, or null
  caf::strong_actor_ptr open(shard& own, const routing::plan& plan, route_state& state) const;

  void act(context& ctx) const override;
  [[nodiscard]] bool is_actor() const noexcept override { return true; }
  [[nodiscard]] bool spawns() const noexcept override { return true; }
  [[nodiscard]] const char* immovable_because() const noexcept override {
    return is_placeable_ ? nullptr : "the class of its actors is final";
  }

private:
  actor_factory factory_;
  bool is_placeable_;
};

} // namespace sake::actors::detail
