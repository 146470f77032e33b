// A worker of the pool: an actor with a thread of its own.
#pragma once

#include "executor.hpp"
#include "pool_settings.hpp"
#include "worker_slot.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/blocking_actor.hpp>

#include <cstddef>
#include <memory>
#include <semaphore>
#include <string>

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(std::shared_ptr<sake::routing::work>)

namespace sake::actors {

/// A worker of the pool: an actor with a thread of its own. Runs the tasks in its mailbox one at a
/// time, in order, those with priority first. A null task wakes it to check whether it is surplus.
class worker final : public caf::blocking_actor, private routing::work::counter {
public:
  /// The pool, as its workers see it. Outlives them. Safe from any thread.
  class owner {
  public:
    [[nodiscard]] virtual const pool_settings& settings() const noexcept = 0;
    [[nodiscard]] virtual std::string thread_name(std::size_t index) const = 0;
    /// Returns whether the worker of `own` must end.
    [[nodiscard]] virtual bool is_too_many(const worker_slot& own) const noexcept = 0;
    /// Called when the worker of `own` takes no further task.
    virtual void leave(worker_slot& own) = 0;
    /// Sends a task that the worker has not begun to another worker.
    virtual void place(std::shared_ptr<routing::work> task) = 0;
    /// Removes an ended task from the load, once.
    virtual void count_off(routing::work& task) noexcept = 0;

  protected:
    ~owner() = default;
  };

  worker(caf::actor_config& cfg, owner& pool, worker_slot& own);

  const char* name() const override { return "sake.worker"; }
  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit* from) override;
  void await_data() override;
  void act() override;

private:
  void work_ended(routing::work& which) noexcept override {
    slot_.remove_task();
    pool_.count_off(which);
  }
  void settle_in() const;
  caf::mailbox_element_ptr next();
  /// Returns false when the worker must end.
  bool handle(caf::mailbox_element_ptr message);
  void hand_over();

  owner& pool_;
  worker_slot& slot_;
  std::binary_semaphore parked_{0};
  /// Tasks with priority taken since the last task without.
  std::size_t urgent_in_a_row_ = 0;
};

} // namespace sake::actors
