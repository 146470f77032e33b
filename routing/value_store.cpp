#include "value_store.hpp"

#include <stdexcept>
#include <string>

namespace sake::routing {

detail::set_value& value_store::slot(std::string_view key) {
  for (auto& each : values_)
    if (each.key == key)
      return each;
  return values_.emplace_back(detail::set_value{std::string{key}, {}});
}

std::any* value_store::find(std::string_view key) noexcept {
  for (auto& each : values_)
    if (each.key == key)
      return &each.value;
  return nullptr;
}

void value_store::missing(std::string_view key) {
  throw std::out_of_range("no value of that type under the key " + std::string{key});
}

} // namespace sake::routing
