// What connections take from the configuration.
#pragma once

#include <sake/http/settings.hpp>
#include <sake/runtime/config.hpp>

namespace sake {

/// What connections take from `options`, which `config::check` has found good.
[[nodiscard]] http::settings connection_settings(const config& options);

} // namespace sake
