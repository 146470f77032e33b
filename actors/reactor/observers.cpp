#include "observers.hpp"

#include <stdexcept>
#include <utility>

namespace sake::actors {

namespace {

template <class Factory>
auto make_from(const Factory& factory, std::size_t reactor) {
  auto made = factory(reactor);
  if (made == nullptr)
    throw std::invalid_argument("the factory of an observer returned null");
  return made;
}

} // namespace

void observer_factories::check(bool is_empty) const {
  if (has_made_)
    throw std::logic_error("observers are registered before the engine starts");
  if (is_empty)
    throw std::invalid_argument("the factory of an observer is empty");
}

void observer_factories::add_access(access_factory make) {
  check(make == nullptr);
  access_.push_back(std::move(make));
}

void observer_factories::add_runtime(runtime_factory make) {
  check(make == nullptr);
  runtime_.push_back(std::move(make));
}

std::vector<observers> observer_factories::make_all(std::size_t reactors) {
  std::vector<observers> all(reactors);
  for (std::size_t i = 0; i < reactors; ++i) {
    for (const auto& each : access_)
      all[i].access.push_back(make_from(each, i));
    for (const auto& each : runtime_)
      all[i].runtime.push_back(make_from(each, i));
  }
  has_made_ = true;
  return all;
}

} // namespace sake::actors
