#include "executor.hpp"

#include "../reactor/detail/failure.hpp"

#include <caf/actor_system.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <utility>

namespace sake::actors {

/// A task that resumes an actor.
class executor::actor_turn final : public routing::work {
public:
  actor_turn(caf::resumable* what, executor& place) noexcept : what_(what), place_(place) {}

  // If the executor ends and drops this task, CAF's scheduler resumes the actor, which must not
  // wait forever.
  ~actor_turn() override {
    if (what_ != nullptr)
      place_.system().scheduler().enqueue(what_);
  }

private:
  void act() noexcept override {
    caf::resumable* const what = std::exchange(what_, nullptr);
    if (detail::resume(*what, place_.elsewhere_) == caf::resumable::resume_later)
      place_.exec_later(what);
    else
      caf::intrusive_ptr_release(what);
  }

  caf::resumable* what_;
  executor& place_;
};

void executor::exec_later(caf::resumable* what) {
  resubmit(std::make_shared<actor_turn>(what, *this));
}

} // namespace sake::actors
