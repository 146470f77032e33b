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

  void send(std::coroutine_handle<> waiting) {
    waiting_ = waiting;
    auto& reactor = context_->home().reactor();
    if (reactor.is_here())
      ask();
    else
      reactor.post([self = shared_from_this()] { self->ask(); });
  }

  caf::expected<caf::message> answer{caf::make_error(caf::sec::request_receiver_down)};

private:
  void ask() { context_->home().asker().ask(*this, whom_, std::move(message_), patience_); }

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
  std::coroutine_handle<> waiting_;
};

asking::asking(context& ctx, caf::strong_actor_ptr whom, caf::mailbox_element_ptr message,
               std::chrono::milliseconds deadline)
    : state_(std::make_shared<state>(static_cast<exchange&>(ctx), std::move(whom),
                                     std::move(message), deadline)) {}

asking::asking(asking&&) noexcept = default;
asking::~asking() = default;

void asking::send(std::coroutine_handle<> waiting) {
  state_->send(waiting);
}

caf::expected<caf::message> asking::take() {
  return std::move(state_->answer);
}

} // namespace sake::actors::detail
