#include <sake/actors/exchange.hpp>
#include <sake/actors/handler.hpp>

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <stdexcept>
#include <utility>

namespace sake::actors {

namespace {

class actor_layer final : public routing::layer {
public:
  explicit actor_layer(caf::strong_actor_ptr whom) noexcept : whom_(std::move(whom)) {}
  // Its engine is gone, and with it what the actor was for.
  ~actor_layer() override { caf::anon_send_exit(whom_, caf::exit_reason::user_shutdown); }
  // Every chain that an engine runs belongs to an exchange.
  void act(context& ctx) const override { static_cast<exchange&>(ctx).delegate(whom_); }
  [[nodiscard]] bool is_actor() const noexcept override { return true; }

private:
  caf::strong_actor_ptr whom_;
};

} // namespace

std::shared_ptr<const routing::layer> detail::make_actor_layer(caf::strong_actor_ptr whom) {
  if (whom == nullptr)
    throw std::invalid_argument("the actor handle given as a handler is empty");
  return std::make_shared<actor_layer>(std::move(whom));
}

} // namespace sake::actors
