#include <sake/actors/route_state.hpp>

#include <sake/routing/route_map.hpp>

namespace sake::actors {

route_states::route_states(const routing::route_map& routes, detail::keyed_hash key_hash)
    : all_(std::make_unique<route_state[]>(routes.plans().size())), count_(routes.plans().size()) {
  for (std::size_t i = 0; i < count_; ++i)
    all_[i].key_hash = key_hash;
  for (std::size_t i = 0; i < count_; ++i)
    if (const auto of = routes.plans()[i].actors_of)
      all_[i].actors_of = &all_[*of];
}

void route_states::let_go() noexcept {
  for (std::size_t i = 0; i < count_; ++i) {
    all_[i].supervisors.clear();
    all_[i].answering.clear();
  }
}

} // namespace sake::actors
