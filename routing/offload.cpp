#include <sake/routing/offload.hpp>

#include <sake/routing/context.hpp>

namespace sake::routing {

work::~work() {
  if (context_ != nullptr)
    context_->drop_reference();
}

void work::run(counter* count) noexcept {
  state expected = state::waiting;
  if (!state_.compare_exchange_strong(expected, state::running, std::memory_order_acq_rel)) {
    if (count != nullptr)
      count->work_ended(*this);
    return;
  }
  count_ = count;
  if (!waiting_ || !(waiting_->is_forgotten() || context_->drops_work()))
    act();
  end();
  state_.store(state::done, std::memory_order_release);
  state_.notify_all();
  if (waiting_)
    context_->resume_later(std::move(waiting_));
}

void work::wait() noexcept {
  run();
  for (state now; (now = state_.load(std::memory_order_acquire)) != state::done;)
    state_.wait(now, std::memory_order_acquire);
}

void work::resume_when_done(context* ctx, waiter_ptr waiting) noexcept {
  if (ctx != nullptr)
    ctx->add_reference();
  if (context_ != nullptr)
    context_->drop_reference();
  context_ = ctx;
  waiting_ = std::move(waiting);
}

} // namespace sake::routing
