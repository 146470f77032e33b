#include <sake/actors/ask.hpp>

#include <sake/actors/asker.hpp>
#include <sake/actors/exchange.hpp>

namespace sake::actors::detail {

// Shared with the reactor, to which the question has yet to come when it is asked on the pool.
class asking::state final : public asker::question, public std::enable_shared_from_this<state> {
public:
  state(exchange& ctx, caf::strong_actor_ptr whom, caf::mailbox_element_ptr message,
        std::chrono::milliseconds patience)
      : context_(&ctx), whom_(std::move(whom)), message_(std::move(message)), patience_(patience) {}

  void send(routing::waiter_ptr waiting) {
    waiting_ = std::move(waiting);
    if (reactor().is_here())
      ask();
    else
      reactor().post([self = shared_from_this()] { self->ask(); });
  }

  [[nodiscard]] actors::reactor& reactor() noexcept { return context_->home().reactor(); }

  caf::expected<caf::message> answer{caf::make_error(caf::sec::request_receiver_down)};

private:
  void ask() {
    if (!waiting_->is_forgotten())
      context_->home().asker().ask(*this, whom_, std::move(message_), patience_);
  }

  void answered(caf::message content) override {
    answer = std::move(content);
    context_->resume_later(waiting_);
  }

  void failed(caf::error reason) override {
    answer = std::move(reason);
    context_->resume_later(waiting_);
  }

  exchange::pointer context_;
  caf::strong_actor_ptr whom_;
  caf::mailbox_element_ptr message_;
  std::chrono::milliseconds patience_;
  routing::waiter_ptr waiting_;
};

asking::asking(context& ctx, caf::strong_actor_ptr whom, caf::mailbox_element_ptr message,
               std::chrono::milliseconds deadline)
    : state_(std::make_shared<state>(static_cast<exchange&>(ctx), std::move(whom),
                                     std::move(message), deadline)) {}

asking::asking(asking&&) noexcept = default;

// The question belongs to the reactor, and is called off there.
asking::~asking() {
  if (state_ == nullptr)
    return;
  auto& reactor = state_->reactor();
  if (!reactor.is_here())
    reactor.post([last = std::move(state_)] {});
}

void asking::send(routing::waiter_ptr waiting) {
  state_->send(std::move(waiting));
}

caf::expected<caf::message> asking::take() {
  return std::move(state_->answer);
}

} // namespace sake::actors::detail
