#include "route_admission.hpp"

namespace sake::actors {

void route_admission::begin(const routing::endpoint& endpoint, route_load& load) noexcept {
  limits_ = &endpoint.admission;
  load_ = &load;
}

std::optional<std::chrono::seconds> route_admission::refused() const noexcept {
  if (limits_->max_in_flight != 0
      && load_->in_flight.load(std::memory_order_relaxed) >= limits_->max_in_flight)
    return retry_after();
  const auto* const place = load_->place.load(std::memory_order_relaxed);
  if (place == nullptr)
    return std::nullopt;
  const bool is_route_full =
      limits_->max_queued != 0
      && load_->on_pool.load(std::memory_order_relaxed) >= limits_->max_queued + place->width();
  if (is_route_full || place->is_full(limits_->high_priority))
    return retry_after(*place);
  return std::nullopt;
}

std::chrono::seconds route_admission::retry_after(const executor& place) const noexcept {
  return load_->retry_after(place.load() + 1, place.width());
}

std::chrono::seconds route_admission::retry_after() const noexcept {
  const auto* const place = load_->place.load(std::memory_order_relaxed);
  const auto most = limits_->max_in_flight;
  return load_->retry_after(most, place != nullptr ? place->width() : most);
}

bool route_admission::enter(const reactor& here) noexcept {
  if (limits_->max_in_flight == 0)
    return true;
  if (!in_flight_.acquire(load_->in_flight, limits_->max_in_flight))
    return false;
  entered_ = here.exact_now();
  return true;
}

void route_admission::end(const reactor& here, bool was_on_reactor) noexcept {
  in_flight_.release();
  if (was_on_reactor)
    load_->note_service(here.exact_now() - entered_);
}

bool route_admission::enter_queue(const executor& place) noexcept {
  return limits_->max_queued == 0
         || queued_.acquire(load_->on_pool, limits_->max_queued + place.width());
}

} // namespace sake::actors
