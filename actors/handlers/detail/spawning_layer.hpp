// The layer of a route that spawns the actors which answer.
#pragma once

#include "../../../routing/handler.hpp"
#include "actor_factory.hpp"

#include <utility>

namespace sake::actors::detail {

/// The layer of a route that spawns the actors which answer.
class spawning_layer final : public routing::layer {
public:
  spawning_layer(actor_factory factory, bool is_placeable) noexcept
      : factory_(std::move(factory)), is_placeable_(is_placeable) {}

  void open(routing::chain_host& host, const routing::endpoint& of) const override;
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
