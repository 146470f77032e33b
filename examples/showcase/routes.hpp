// The routes that the page shows.
#pragma once

#include <sake/sake.hpp>

namespace showcase {

void add_routes(sake::engine& app);

} // namespace showcase
