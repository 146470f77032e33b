#include <sake/actors/sleep.hpp>

#include <sake/actors/clock.hpp>
#include <sake/actors/deadline_wheel.hpp>
#include <sake/actors/shard.hpp>

#include <atomic>
#include <utility>

namespace sake::actors {

namespace {

class sleep_timer final : private deadline, private drain_listener {
public:
  sleep_timer(context& ctx, shard& home, routing::waiter_ptr waiting) noexcept
      : context_(ctx), shard_(home), waiting_(std::move(waiting)) {
    context_.add_reference();
  }
  ~sleep_timer() override {
    shard_.reactor().disarm(*this);
    context_.drop_reference();
  }
  void begin(std::chrono::milliseconds duration, bool until_drain) {
    if (waiting_->is_forgotten())
      return;
    if (until_drain && shard_.is_draining()) {
      on_drain();
      return;
    }
    auto& reactor = shard_.reactor();
    reactor.arm(*this, time_after(reactor.exact_now(), duration));
    if (until_drain)
      shard_.listen(*this);
  }
  [[nodiscard]] bool is_cut_short() const noexcept { return is_cut_short_; }

private:
  void expired(time_point) override {
    unlink();
    context_.resume_later(waiting_);
  }
  void on_drain() noexcept override {
    is_cut_short_ = true;
    shard_.reactor().disarm(*this);
    context_.resume_later(waiting_);
  }

  context& context_;
  shard& shard_;
  routing::waiter_ptr waiting_;
  std::atomic<bool> is_cut_short_{false};
};

// The wheel belongs to the reactor's thread, and so does the timer in it.
class pending_sleep final : public routing::pending {
public:
  pending_sleep(context& ctx, shard& home, std::chrono::milliseconds duration,
                routing::waiter_ptr waiting, bool until_drain)
      : reactor_(home.reactor()),
        timer_(std::make_shared<sleep_timer>(ctx, home, std::move(waiting))) {
    if (reactor_.is_here())
      timer_->begin(duration, until_drain);
    else
      reactor_.post([timer = timer_, duration, until_drain] { timer->begin(duration, until_drain); });
  }
  ~pending_sleep() override {
    if (!reactor_.is_here())
      reactor_.post([timer = std::move(timer_)] {});
  }
  [[nodiscard]] bool is_cut_short() const noexcept override { return timer_->is_cut_short(); }

private:
  reactor& reactor_;
  std::shared_ptr<sleep_timer> timer_;
};

} // namespace

std::unique_ptr<routing::pending> begin_sleep(context& ctx, shard& home,
                                              std::chrono::milliseconds duration,
                                              routing::waiter_ptr waiting, bool until_drain) {
  return std::make_unique<pending_sleep>(ctx, home, duration, std::move(waiting), until_drain);
}

} // namespace sake::actors
