#include "sleep.hpp"

#include "../reactor/clock.hpp"
#include "../reactor/deadline_wheel.hpp"
#include "shard.hpp"

#include <atomic>
#include <utility>

namespace sake::actors {

namespace {

class sleep_timer final : private deadline, private drain_listener {
public:
  sleep_timer(routing::awaiting_chain& own, shard& home, routing::waiter_ptr waiting) noexcept
      : chain_(own), shard_(home), waiting_(std::move(waiting)) {
    chain_.add_reference();
  }
  ~sleep_timer() override {
    shard_.reactor().disarm(*this);
    chain_.drop_reference();
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
    chain_.resume_later(waiting_);
  }
  void on_drain() noexcept override {
    is_cut_short_ = true;
    shard_.reactor().disarm(*this);
    chain_.resume_later(waiting_);
  }

  routing::awaiting_chain& chain_;
  shard& shard_;
  routing::waiter_ptr waiting_;
  std::atomic<bool> is_cut_short_{false};
};

// The wheel and its timers belong to the reactor's thread.
class pending_sleep final : public routing::pending {
public:
  pending_sleep(routing::awaiting_chain& own, shard& home, std::chrono::milliseconds duration,
                routing::waiter_ptr waiting, bool until_drain)
      : reactor_(home.reactor()),
        timer_(std::make_shared<sleep_timer>(own, home, std::move(waiting))) {
    if (reactor_.is_here())
      timer_->begin(duration, until_drain);
    else
      reactor_.post(
          [timer = timer_, duration, until_drain] { timer->begin(duration, until_drain); });
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

std::unique_ptr<routing::pending> begin_sleep(routing::awaiting_chain& own, shard& home,
                                              std::chrono::milliseconds duration,
                                              routing::waiter_ptr waiting, bool until_drain) {
  return std::make_unique<pending_sleep>(own, home, duration, std::move(waiting), until_drain);
}

} // namespace sake::actors
