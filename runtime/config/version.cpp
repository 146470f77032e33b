#include "version.hpp"

namespace sake {

std::string_view version() noexcept {
  return SAKE_VERSION;
}

} // namespace sake
