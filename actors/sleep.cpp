#include <sake/actors/sleep.hpp>

#include <sake/actors/deadline_wheel.hpp>
#include <sake/actors/reactor.hpp>

#include <utility>

namespace sake::actors {

namespace {

class sleep_timer final : private deadline {
public:
  sleep_timer(context& ctx, reactor& here, routing::waiter_ptr waiting) noexcept
      : context_(ctx), reactor_(here), waiting_(std::move(waiting)) {
    context_.add_reference();
  }
  ~sleep_timer() override {
    reactor_.disarm(*this);
    context_.drop_reference();
  }
  void begin(std::chrono::milliseconds duration) {
    if (!waiting_->is_forgotten())
      reactor_.arm(*this, reactor_.exact_now() + duration);
  }

private:
  void expired(time_point) override { context_.resume_later(waiting_); }

  context& context_;
  reactor& reactor_;
  routing::waiter_ptr waiting_;
};

// The wheel belongs to the reactor's thread, and so does the timer in it.
class pending_sleep final : public routing::pending {
public:
  pending_sleep(context& ctx, reactor& here, std::chrono::milliseconds duration,
                routing::waiter_ptr waiting)
      : reactor_(here), timer_(std::make_shared<sleep_timer>(ctx, here, std::move(waiting))) {
    if (reactor_.is_here())
      timer_->begin(duration);
    else
      reactor_.post([timer = timer_, duration] { timer->begin(duration); });
  }
  ~pending_sleep() override {
    if (!reactor_.is_here())
      reactor_.post([timer = std::move(timer_)] {});
  }

private:
  reactor& reactor_;
  std::shared_ptr<sleep_timer> timer_;
};

} // namespace

std::unique_ptr<routing::pending> begin_sleep(context& ctx, reactor& here,
                                              std::chrono::milliseconds duration,
                                              routing::waiter_ptr waiting) {
  return std::make_unique<pending_sleep>(ctx, here, duration, std::move(waiting));
}

} // namespace sake::actors
