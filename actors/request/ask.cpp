#include "ask.hpp"

#include "../reactor/deadline_wheel.hpp"
#include "../reactor/reactor_actor.hpp"
#include "reply_channel.hpp"
#include "running_request.hpp"
#include "shard.hpp"

#include <utility>

namespace sake::actors::detail {

// Shared with the reactor: a request made on the pool has to travel there first. From then on, all
// of it is used on the reactor.
class actor_request::state final : private reply_channel::reply_handler,
                                   private deadline,
                                   public std::enable_shared_from_this<state> {
public:
  state(running_request& ctx, caf::strong_actor_ptr whom, caf::mailbox_element_ptr message,
        std::chrono::milliseconds patience)
      : context_(&ctx), whom_(std::move(whom)), message_(std::move(message)), patience_(patience) {}

  void send(routing::waiter_ptr waiting) {
    waiting_ = std::move(waiting);
    if (reactor().is_here())
      ask();
    else
      reactor().post([self = shared_from_this()] { self->ask(); });
  }

  /// Cancels the request. On the reactor.
  void call_off() noexcept {
    waiting_ = {};
    reactor().disarm(*this);
    close();
  }

  [[nodiscard]] actors::reactor& reactor() noexcept { return context_->home().reactor(); }

  caf::expected<caf::message> answer{caf::make_error(caf::sec::request_receiver_down)};

private:
  void ask() {
    if (!waiting_ || waiting_->is_forgotten())
      return;
    if (whom_ == nullptr) {
      end(caf::make_error(caf::sec::invalid_argument));
      return;
    }
    const std::shared_ptr<reply_handler> self{shared_from_this(), this};
    message_->sender = spawn_on<reply_channel>(reactor(), self);
    message_->mid = caf::make_message_id(1);
    channel_.reset(message_->sender.get());
    if (patience_.count() > 0)
      reactor().arm(*this, time_after(reactor().exact_now(), patience_));
    whom_->enqueue(std::move(message_), &reactor());
  }

  // A channel that is being destroyed on another thread still calls `abandoned`.
  void close() noexcept {
    if (const auto channel = channel_.lock())
      static_cast<reply_channel&>(*channel->get()).close();
    channel_.reset();
  }

  void end(caf::expected<caf::message> with) {
    reactor().disarm(*this);
    if (!waiting_)
      return;
    answer = std::move(with);
    context_->resume_later(std::exchange(waiting_, {}));
  }

  void answered(caf::mailbox_element& content) override { end(content.move_content_to_message()); }
  void failed(const caf::error& reason) override { end(reason); }
  // The actor has dropped the request. As in CAF, the deadline ends the wait; if there is none, the
  // wait would never end.
  void abandoned() override {
    if (patience_.count() == 0)
      end(caf::make_error(caf::sec::request_receiver_down));
  }

  void returned(reply_channel& from) override {
    from.close();
    failed(caf::make_error(caf::sec::request_receiver_down));
  }
  void expired(time_point) override {
    const auto last = shared_from_this();
    close();
    end(caf::make_error(caf::sec::request_timeout));
  }

  running_request::pointer context_;
  caf::strong_actor_ptr whom_;
  caf::mailbox_element_ptr message_;
  std::chrono::milliseconds patience_;
  routing::waiter_ptr waiting_;
  /// Weak: only actors that may answer keep the channel alive.
  caf::weak_actor_ptr channel_;
};

actor_request::actor_request(routing::awaiting_chain& own, caf::strong_actor_ptr whom,
                             caf::mailbox_element_ptr message, std::chrono::milliseconds deadline)
    : state_(std::make_shared<state>(static_cast<running_request&>(own), std::move(whom),
                                     std::move(message), deadline)) {}

actor_request::actor_request(actor_request&&) noexcept = default;

actor_request::~actor_request() {
  if (state_ == nullptr)
    return;
  auto& reactor = state_->reactor();
  if (reactor.is_here())
    state_->call_off();
  else
    reactor.post([last = std::move(state_)] { last->call_off(); });
}

void actor_request::send(routing::waiter_ptr waiting) {
  state_->send(std::move(waiting));
}

caf::expected<caf::message> actor_request::take() {
  return std::move(state_->answer);
}

} // namespace sake::actors::detail
