#include "executor_finder.hpp"

namespace sake::actors {

executor* executor_finder::find(const routing::placement& wanted) {
  using kind = routing::placement::kind;
  switch (wanted.where) {
    case kind::automatic:
    case kind::reactor:
      break;
    case kind::scheduler:
      if (scheduler_ == nullptr)
        scheduler_ = std::make_unique<scheduler_executor>(system_, max_queued_);
      return scheduler_.get();
    case kind::detached:
      return &start_detached();
    case kind::pool:
      return start_pool(wanted.pool);
  }
  return nullptr;
}

} // namespace sake::actors
