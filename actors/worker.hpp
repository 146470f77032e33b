// One CPU actor of the pool, with a thread of its own.
#pragma once

#include <sake/actors/worker_pool.hpp>

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/blocking_actor.hpp>

#include <cstddef>
#include <memory>
#include <semaphore>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<sake::routing::work>)

namespace sake::actors {

/// One CPU actor of the pool, with a thread of its own: runs the tasks in its mailbox, one at a
/// time, in order; those with priority first. A null task wakes it, to see whether it is one too
/// many.
class worker final : public caf::blocking_actor, private routing::work::counter {
public:
  worker(caf::actor_config& cfg, worker_pool& pool, worker_pool::seat& own);

  const char* name() const override { return "sake.worker"; }
  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit* from) override;
  void await_data() override;
  void act() override;

private:
  void work_ended(routing::work& which) noexcept override {
    pool_.task_leaves(seat_);
    pool_.count_off(which);
  }
  void settle_in() const;
  caf::mailbox_element_ptr next();
  /// False when the worker is to end.
  bool handle(caf::mailbox_element_ptr message);
  void hand_over();

  worker_pool& pool_;
  worker_pool::seat& seat_;
  std::binary_semaphore parked_{0};
  /// Tasks with priority that it took since it last took another.
  std::size_t urgent_in_a_row_ = 0;
};

} // namespace sake::actors
