#include "offload.hpp"

namespace sake::routing {

work::~work() {
  if (chain_ != nullptr)
    chain_->drop_reference();
}

void work::run(counter* count) noexcept {
  state expected = state::waiting;
  if (!state_.compare_exchange_strong(expected, state::running, std::memory_order_acq_rel)) {
    if (count != nullptr)
      count->work_ended(*this);
    return;
  }
  count_ = count;
  if (!waiting_ || !(waiting_->is_forgotten() || chain_->drops_work())) {
    if (observer_ != nullptr && !is_dropped())
      observer_->on_begin();
    act();
  }
  end();
  state_.store(state::done, std::memory_order_release);
  state_.notify_all();
  if (waiting_)
    chain_->resume_later(std::move(waiting_));
}

void work::wait() noexcept {
  run();
  for (state now; (now = state_.load(std::memory_order_acquire)) != state::done;)
    state_.wait(now, std::memory_order_acquire);
}

void work::resume_when_done(awaiting_chain* own, waiter_ptr waiting) noexcept {
  if (own != nullptr)
    own->add_reference();
  if (chain_ != nullptr)
    chain_->drop_reference();
  chain_ = own;
  waiting_ = std::move(waiting);
}

} // namespace sake::routing
