#include "worker_trip.hpp"

namespace sake::actors {

worker_trip::~worker_trip() {
  if (is_pending_)
    who_->left_by_executor();
}

void worker_trip::act() noexcept {
  is_pending_ = false;
  if (!who_->work_on())
    return;
  end();
  who_->go_home();
}

} // namespace sake::actors
