#include "../request/exchange.hpp"
#include "handler.hpp"

#include <caf/exit_reason.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/send.hpp>

#include <memory>
#include <utility>

namespace sake::actors {

namespace {

class actor_layer final : public routing::layer {
public:
  explicit actor_layer(caf::strong_actor_ptr whom) noexcept
      : whom_(std::move(whom)),
        is_scheduled_(dynamic_cast<caf::scheduled_actor*>(whom_->get()) != nullptr) {}
  // The engine is gone, so the actor has no purpose any more.
  ~actor_layer() override { caf::anon_send_exit(whom_, caf::exit_reason::user_shutdown); }
  // Each chain of an engine belongs to an exchange.
  void act(context& ctx) const override {
    static_cast<exchange&>(ctx).delegate(whom_, {.drops_cancelled = is_scheduled_});
  }
  [[nodiscard]] bool is_actor() const noexcept override { return true; }
  [[nodiscard]] const char* immovable_because() const noexcept override {
    return "an actor handle runs where its spawner put it";
  }

private:
  caf::strong_actor_ptr whom_;
  /// Whether CAF schedules the actor, so that CAF can drop cancelled requests.
  bool is_scheduled_;
};

} // namespace

std::shared_ptr<const routing::layer> detail::make_actor_layer(caf::strong_actor_ptr whom) {
  return std::make_shared<actor_layer>(std::move(whom));
}

} // namespace sake::actors
