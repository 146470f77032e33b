#include "probe.hpp"

#include <caf/actor_config.hpp>
#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>
#include <caf/to_string.hpp>

#include <deque>

namespace sake::testing {

// -- received_message -----------------------------------------------------------------

void received_message::send_after(std::chrono::milliseconds delay, caf::message answer) {
  if (message_ == nullptr || !message_->mid.is_request() || message_->sender == nullptr)
    throw failure("only a request is answered, and once");
  auto made =
      caf::make_mailbox_element(nullptr, message_->mid.response_id(), {}, std::move(answer));
  const auto to = std::move(message_->sender);
  message_.reset();
  if (delay.count() == 0) {
    to->enqueue(std::move(made), nullptr);
    return;
  }
  auto& clock = runtime_->system().scheduler().clock();
  clock.schedule_message(clock.now() + delay, to, std::move(made));
}

// -- the actor ------------------------------------------------------------------------

class probe::mailbox final : public caf::monitorable_actor {
public:
  explicit mailbox(caf::actor_config& cfg) : caf::monitorable_actor(cfg) {}
  const char* name() const override { return "sake.probe"; }

  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit* from) override {
    if (getf(is_terminated_flag)) {
      bounce(message, caf::make_error(caf::sec::request_receiver_down));
    } else if (message->mid.is_async() && handle_system_message(*message, from, false)) {
      if (getf(is_cleaned_up_flag))
        end();
    } else {
      waiting.push_back(std::move(message));
    }
  }

  void kill(caf::error reason) {
    cleanup(std::move(reason), nullptr);
    end();
  }

  std::deque<caf::mailbox_element_ptr> waiting;

private:
  void end() {
    setf(is_terminated_flag);
    for (auto& each : std::exchange(waiting, {}))
      bounce(each, caf::make_error(caf::sec::request_receiver_down));
  }
};

// -- probe ----------------------------------------------------------------------------

probe::probe(test_runtime& on) : runtime_(on) {
  caf::actor_config cfg;
  auto& system = on.system();
  actor_ = caf::make_actor<mailbox, caf::strong_actor_ptr>(system.next_actor_id(), system.node(),
                                                           &system, cfg);
}

probe::mailbox& probe::box() const noexcept {
  return static_cast<mailbox&>(*actor_->get());
}

std::size_t probe::waiting() const noexcept {
  return box().waiting.size();
}

void probe::kill(caf::error reason) {
  box().kill(std::move(reason));
}

void probe::expect_nothing() {
  runtime_.run();
  if (waiting() > 0)
    refuse("nothing", *box().waiting.front());
}

void probe::await_message() {
  runtime_.run_until([this] { return waiting() > 0; });
}

caf::mailbox_element* probe::oldest(const std::string& expected) {
  runtime_.run();
  if (waiting() == 0)
    throw failure("expected " + expected + "; no message has come");
  return box().waiting.front().get();
}

caf::mailbox_element_ptr probe::take() {
  auto taken = std::move(box().waiting.front());
  box().waiting.pop_front();
  return taken;
}

void probe::refuse(const std::string& expected, const caf::mailbox_element& got) const {
  std::string text = "expected " + expected + "; got " + got.content().stringify();
  if (got.content().match_elements<caf::error>())
    text += ": " + runtime_.system().render(got.content().get_as<caf::error>(0));
  if (waiting() > 1)
    text += "; behind it wait " + std::to_string(waiting() - 1);
  throw failure(text);
}

} // namespace sake::testing
