#include <sake/actors/worker_pool.hpp>

#include <sake/actors/detail/element.hpp>
#include <sake/actors/log.hpp>
#include <sake/actors/worker.hpp>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <string>
#include <utility>

namespace sake::actors {

worker_pool::worker_pool(caf::actor_system& system, const pool_settings& config)
    : system_(system), config_(config), seats_(config.workers) {
  for (auto& each : seats_)
    each.load = std::make_unique<std::atomic<std::size_t>>(0);
}

void worker_pool::start() {
  std::call_once(started_, [this] {
    for (std::size_t i = 0; i < seats_.size(); ++i)
      hire(i);
  });
}

worker_pool::~worker_pool() = default;

void worker_pool::hire(std::size_t index) {
  {
    const std::lock_guard lock{ending_mutex_};
    if (stopping_)
      return;
    ++running_;
  }
  caf::actor_config cfg;
  auto hired = caf::actor_cast<caf::strong_actor_ptr>(
      system_.spawn_impl<worker, caf::detached + caf::hidden>(cfg, *this, index));
  std::vector<std::shared_ptr<routing::work>> left_behind;
  {
    const std::unique_lock lock{seats_mutex_};
    seats_[index].actor = hired;
    left_behind.swap(unplaced_);
  }
  for (auto& task : left_behind)
    place(std::move(task));
  // Last: the worker may end at any moment, and then calls at once.
  hired->get()->attach_functor([this, index](const caf::error&) { worker_ended(index); });
  // `stop` tells those whom it finds on their seats.
  const std::lock_guard lock{ending_mutex_};
  if (stopping_)
    caf::anon_send_exit(hired, caf::exit_reason::user_shutdown);
}

void worker_pool::leave(std::size_t index) {
  const std::unique_lock lock{seats_mutex_};
  seats_[index].actor = nullptr;
}

void worker_pool::worker_ended(std::size_t index) {
  hire(index);
  const std::lock_guard lock{ending_mutex_};
  --running_;
  if (!stopping_)
    log(log_level::warning, "a worker died and was replaced; worker=" + std::to_string(index));
  ended_.notify_all();
}

void worker_pool::task_ended(std::size_t index) noexcept {
  seats_[index].load->fetch_sub(1, std::memory_order_relaxed);
  load_.fetch_sub(1, std::memory_order_relaxed);
}

bool worker_pool::submit(std::shared_ptr<routing::work> task) {
  start();
  // Count first: a worker may be done before we return.
  if (load_.fetch_add(1, std::memory_order_relaxed) >= config_.workers + config_.queue_bound
      && !task->has_priority()) {
    load_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  place(std::move(task));
  return true;
}

void worker_pool::resubmit(std::shared_ptr<routing::work> task) {
  load_.fetch_add(1, std::memory_order_relaxed);
  place(std::move(task));
}

void worker_pool::place(std::shared_ptr<routing::work> task) {
  {
    const std::shared_lock lock{seats_mutex_};
    if (const seat* best = least_loaded()) {
      best->load->fetch_add(1, std::memory_order_relaxed);
      const auto id = caf::make_message_id(task->has_priority() ? caf::message_priority::high
                                                                : caf::message_priority::normal);
      best->actor->enqueue(
          detail::element<std::shared_ptr<routing::work>>::make(nullptr, id, std::move(task)),
          nullptr);
      return;
    }
  }
  // Every worker is just being replaced.
  std::unique_lock lock{seats_mutex_};
  if (least_loaded() == nullptr) {
    unplaced_.push_back(std::move(task));
    return;
  }
  lock.unlock();
  place(std::move(task));
}

const worker_pool::seat* worker_pool::least_loaded() const noexcept {
  const std::size_t start = next_.fetch_add(1, std::memory_order_relaxed);
  const seat* best = nullptr;
  std::size_t least = 0;
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    const seat& each = seats_[(start + i) % seats_.size()];
    if (each.actor == nullptr)
      continue;
    const std::size_t load = each.load->load(std::memory_order_relaxed);
    if (best == nullptr || load < least) {
      best = &each;
      least = load;
    }
  }
  return best;
}

bool worker_pool::stop(std::chrono::milliseconds deadline) {
  {
    const std::lock_guard lock{ending_mutex_};
    stopping_ = true;
  }
  for (const auto& each : workers())
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  std::unique_lock lock{ending_mutex_};
  return ended_.wait_for(lock, deadline, [this] { return running_ == 0; });
}

std::vector<caf::strong_actor_ptr> worker_pool::workers() const {
  std::vector<caf::strong_actor_ptr> all;
  const std::shared_lock lock{seats_mutex_};
  for (const auto& each : seats_)
    if (each.actor != nullptr)
      all.push_back(each.actor);
  return all;
}

} // namespace sake::actors
