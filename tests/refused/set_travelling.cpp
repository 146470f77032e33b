// expected: or has a sake::wire_codec
#include <sake/sake.hpp>

struct account {};

void keep(sake::context& ctx) {
  ctx.set_travelling("account", account{});
}
